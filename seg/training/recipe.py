"""What decides how a training run comes out, and how the command line asks for it."""

from dataclasses import asdict, dataclass
from pathlib import Path

from seg.data.augmentation import Augmentation
from seg.errors import UserError
from seg.networks import NETWORKS
from seg.training.options import arguments_of


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        network: name in `seg.networks.NETWORKS`.
        arguments: of the network's builder.
        image_size: height and width of the photos, pixels.
        epochs: passes over the training photos.
        batch_size: photos per step.
        learning_rate: peak, reached after a linear warm-up, then a cosine to 0.
        encoder_weights: see `seg.networks.encoder_start`; None where the encoder is not VGG-16, and for a network
            that is trained on.
        precision: Keras dtype policy.
        seed: of initial weights, dropout, shuffling and augmentation.
        limit: photos per split of a smoke run, else None.
        weight_decay: of AdamW, on kernels only.
        epochs_before: of the run whose weights this one starts from, 0 without.
        dice_weight: see `seg.training.losses.CrossEntropyAndDice`.
        ema_momentum: see `seg.training.averaging`; None keeps the weights themselves.
        encoder_rate: factor of the learning rate for the layers that ``encoder_weights`` started; None is 1.
    """

    network: str
    arguments: dict
    image_size: int
    epochs: int
    batch_size: int
    learning_rate: float
    encoder_weights: str | None
    precision: str
    seed: int
    limit: int | None = None
    weight_decay: float = 0.01
    epochs_before: int = 0
    dice_weight: float = 0.0
    ema_momentum: float | None = None
    encoder_rate: float | None = None
    augmentation: Augmentation = Augmentation()


def recipe_of(options, name: str, start=None) -> Recipe:
    """The recipe that the command line asks for.

    Args:
        options: as `seg.training.options.parse_options` returns them.
        name: of the network.
        start: `seg.training.start.Start` to train on, if any.

    Raises:
        UserError: the start is a network of other arguments.
    """
    from seg.networks.compilation import fastest_precision

    network = NETWORKS[name]
    arguments = arguments_of(options, name)
    for argument in network.options if start is not None else ():
        there, here = (each.get(argument.name, argument.default) for each in (start.config["arguments"], arguments))
        if there != here and not argument.at_size:
            raise UserError(
                f"--start-weights: {network.title} there has {argument.name} {there}, not {here}; give"
                f" {argument.option} {there}."
            )
    return Recipe(
        network=name,
        arguments=arguments,
        image_size=options.image_size,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate or network.peak_rate(arguments),
        encoder_weights=options.encoder_weights if network.has_vgg16(arguments) and start is None else None,
        precision=fastest_precision() if options.precision == "auto" else options.precision,
        seed=options.seed,
        limit=options.limit,
        dice_weight=options.dice_weight,
        ema_momentum=options.ema_momentum or None,
        epochs_before=len(start.history) if start is not None else 0,
    )


def describe(recipe: Recipe) -> dict:
    """The recipe as JSON can hold it; an encoder file goes by its name."""
    described = asdict(recipe)
    described["augmentation"]["zoom"] = list(recipe.augmentation.zoom)
    if recipe.encoder_weights is not None:
        described["encoder_weights"] = Path(recipe.encoder_weights).name
    return described


def loss_name(recipe: Recipe) -> str:
    """The loss as people read it."""
    return "cross-entropy" + (f" + {recipe.dice_weight:g} Dice" if recipe.dice_weight else "")
