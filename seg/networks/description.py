"""What a network's own file says of it, and everybody else reads."""

from collections.abc import Callable
from dataclasses import dataclass, field

STRIDE = 32
"""Height and width of a network's input are multiples of this."""

LARGEST_IMAGE_SIZE = 1024
"""Largest height and width of a network's input, pixels."""

VGG16_LEARNING_RATE = 3e-4
"""Peak for networks whose encoder is VGG-16, which has no batch normalisation."""


@dataclass(frozen=True)
class Argument:
    """An argument of a network's builder, as ``config.json`` and command line may give it.

    Attributes:
        name: keyword of the builder.
        default: says the type too: whole number, number, text, or true and false.
        limits: smallest and largest number, both allowed; of a text all that it may be.
        option: of ``train.py``, such as ``--base-filters``; empty where it has none.
        help: what the option says of it.
        at_size: the option's default at an image size, pixels, where that depends on it.
        tensors: names of weights whose last axis has this length, the first that a network has; every
            ``config.json`` must then have the argument. So a file is refused before memory is spent on it.
    """

    name: str
    default: object
    limits: tuple = ()
    option: str = ""
    help: str = ""
    at_size: Callable[[int], float] | None = None
    tensors: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        return not isinstance(self.default, (bool, str))

    @property
    def attribute(self) -> str:
        """What the option is called among those that are parsed."""
        return self.option.lstrip("-").replace("-", "_")

    def allows(self, value) -> bool:
        """Whether the builder takes a value, of whatever type."""
        if isinstance(self.default, bool):
            return isinstance(value, bool)
        if isinstance(self.default, str):
            return value in self.limits
        kinds = int if isinstance(self.default, int) else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool) and self.limits[0] <= value <= self.limits[1]

    def in_words(self) -> str:
        """Its name and what it may be."""
        if self.is_number:
            return f"{self.name} ({self.limits[0]} to {self.limits[1]})"
        return f"{self.name} ({' or '.join(self.limits or ('true', 'false'))})"


@dataclass(frozen=True)
class Experiment:
    """A short training with one thing changed, see `seg.training.trials`.

    Attributes:
        change: what differs from the baseline, for people to read.
        seeds: one training for each.
        recipe: fields of `seg.training.recipe.Recipe` that differ.
        arguments: of the network's builder that differ.
        augmentation: fields of `seg.data.augmentation.Augmentation` that differ.
        image_size: of photos and masks, pixels, where it differs.
    """

    change: str
    seeds: tuple[int, ...] = (0,)
    recipe: dict = field(default_factory=dict)
    arguments: dict = field(default_factory=dict)
    augmentation: dict = field(default_factory=dict)
    image_size: int | None = None


@dataclass(frozen=True)
class Network:
    """A network as its own file in `seg.networks` describes it, under the name ``NETWORK``.

    Attributes:
        name: of its folder of weights, lower case.
        title: its name as people write it.
        paper: address of the paper.
        authors: of the paper, and the year.
        summary: what it is, half a sentence for the model card.
        paragraph: how it works, Markdown for the page.
        colour: of everything that is drawn of it, ``#rrggbb``.
        build: makes the untrained `keras.Model` of the arguments, see `seg.networks.build_network`. Keras takes
            seconds to import, which a command line should not wait for: the builder imports it.
        arguments: of ``build``.
        problem: what is wrong with arguments at an image size, as a sentence without its full stop; None where
            nothing is.
        learning_rate: peak that it trains well with.
        vgg16: arguments with which its encoder is that of `seg.networks.vgg16`, which can start from ImageNet;
            None where none does that.
        without: what the paper calls the network without its finest skips, in the order in which they go.
        schedule: of its trials: ``photos``, and ``epochs`` over them.
        trials: experiments of its own.
    """

    name: str
    title: str
    paper: str
    authors: str
    summary: str
    paragraph: str
    colour: str
    build: Callable
    arguments: tuple[Argument, ...] = ()
    problem: Callable[[dict, int], str | None] = lambda arguments, image_size: None
    learning_rate: float = 1e-3
    vgg16: dict | None = None
    without: tuple[str, ...] = ()
    schedule: dict = field(default_factory=lambda: {"photos": 800, "epochs": 4})
    trials: tuple[Experiment, ...] = ()

    @property
    def defaults(self) -> dict:
        """The numbers among the arguments, unless told otherwise."""
        return {argument.name: argument.default for argument in self.arguments if argument.is_number}

    @property
    def options(self) -> list[Argument]:
        """The arguments that ``train.py`` has an option for."""
        return [argument for argument in self.arguments if argument.option]

    def has_vgg16(self, arguments: dict) -> bool:
        """Whether the encoder is VGG-16 with these arguments."""
        return self.vgg16 is not None and all(arguments.get(name) == value for name, value in self.vgg16.items())

    def peak_rate(self, arguments: dict) -> float:
        """The learning rate that it trains well with, built with these arguments."""
        return VGG16_LEARNING_RATE if self.has_vgg16(arguments) else self.learning_rate
