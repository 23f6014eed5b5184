"""What a network is made of, read from the network itself: its steps down and up, and what joins them."""

from dataclasses import dataclass

import keras
from keras import layers


@dataclass(frozen=True)
class Step:
    """The output of one layer.

    Attributes:
        layer: the layer's name.
        size: height and width, pixels.
        features: numbers for each place.
    """

    layer: str
    size: int
    features: int


@dataclass(frozen=True)
class Skip:
    """A skip connection.

    Attributes:
        name: ``"pool3"`` where it carries what the third pooling gave, ``"skip 1"`` where it carries the features
            before the first one.
        carried: what it carries, as it leaves the way down.
        is_copied: whether it is put beside the features of the way up; otherwise it is scored and added.
        joins: name of the layer where it meets the way up, and its place among that layer's inputs.
    """

    name: str
    carried: Step
    is_copied: bool
    joins: tuple[str, int]

    @property
    def short_name(self) -> str:
        """``"pool3"``, ``"1"``: by which it is chosen."""
        return self.name.removeprefix("skip ")


@dataclass(frozen=True)
class Level:
    """What a network holds at one height and width.

    Attributes:
        pooled: what the pooling above gave, the input of this level; None where nothing was pooled.
        down: the features on the way down, before the next pooling.
        up: what the way up holds here, with its skip; None where it leaves this size out.
        skip: what joins the two, or None.
    """

    size: int
    pooled: Step | None
    down: Step
    up: Step | None
    skip: Skip | None


@dataclass(frozen=True)
class Anatomy:
    """A network, from the photo to the scores.

    Attributes:
        photo: the photo as the network gets it, three colours.
        levels: from the largest to the smallest size.
        scores: what the network answers, a number for each class.
    """

    photo: Step
    levels: tuple[Level, ...]
    scores: Step

    @property
    def steps(self) -> list[Step]:
        """Every step once, in the order in which a photo goes through."""
        down = [step for level in self.levels for step in (level.pooled, level.down)]
        up = [level.up for level in reversed(self.levels)]
        return [step for step in (*down, *up) if step]

    @property
    def skips(self) -> list[Skip]:
        """The skip connections, the finest first."""
        return [level.skip for level in self.levels if level.skip]


def anatomy_of(network: keras.Model, image_size: int) -> Anatomy:
    """Reads a network of `seg.networks.build_network`.

    Args:
        network: goes down to its smallest size, by whatever layers, and up from there; there it may add or concatenate.
        image_size: height and width of its input, pixels.
    """
    # Not the output's alone: a Function of all of them tells each layer's shape at this size.
    function = keras.Function(network.inputs, [layer.output for layer in network.layers])
    shapes = function.compute_output_spec([keras.KerasTensor((1, image_size, image_size, 3))])
    found = {layer: spec.shape for layer, spec in zip(network.layers, shapes) if len(spec.shape) == 4}
    steps = {layer.name: Step(layer.name, shape[1], shape[3]) for layer, shape in found.items()}
    pools, ups = _ways(list(found), steps)
    before = [sources_of(pool)[0] for pool in pools]

    # What each size holds on the way up: what goes into the next enlargement, or into the scores at the end.
    last = next(layer for layer in reversed(network.layers) if layer in ups or isinstance(layer, _CONVOLUTIONS))
    ends = [sources_of(layer)[0] for layer in (*ups, last)]
    bottom = ends.pop(0)
    if last in ups:
        ends[-1] = last
    up = {steps[layer.name].size: steps[layer.name] for layer in ends}
    if bottom.output.shape[-1] == network.output.shape[-1]:
        up[steps[bottom.name].size], bottom = steps[bottom.name], sources_of(bottom)[0]
    down = [steps[layer.name] for layer in (*before, bottom)]
    pooled = [None, *(steps[layer.name] for layer in pools)]

    skips = {}
    for merge in (layer for layer in network.layers if isinstance(layer, (layers.Add, layers.Concatenate))):
        origins = [_origin(source, (*pools, *before, *ups)) for source in sources_of(merge)]
        if not any(origin in ups for origin in origins):
            continue  # within the way down
        for place, origin in enumerate(origins):
            if origin is not None and origin not in ups:
                number = (pools if origin in pools else before).index(origin) + 1
                name = f"pool{number}" if origin in pools else f"skip {number}"
                copied = isinstance(merge, layers.Concatenate)
                skips[steps[merge.name].size] = Skip(name, steps[origin.name], copied, (merge.name, place))
    levels = tuple(
        Level(step.size, pool, step, up.get(step.size), skips.get(step.size)) for pool, step in zip(pooled, down)
    )
    return Anatomy(steps[network.layers[0].name], levels, steps[network.layers[-1].name])


_CONVOLUTIONS = (layers.Conv2D, layers.Conv2DTranspose)


def _ways(found, steps):
    """The layers that make the features smaller, up to the smallest, and those behind it that make them larger."""
    sizes = [steps[layer.name].size for layer in found]
    smallest = sizes.index(min(sizes))
    pools, ups = [], []
    for place, (layer, size) in enumerate(zip(found, sizes)):
        for source in sources_of(layer)[:1]:  # the photo has none
            before = steps[source.name].size if source.name in steps else size
            if size < before and place <= smallest:
                pools.append(layer)
            if size > before and place > smallest:
                ups.append(layer)
    return pools, ups


def _origin(layer, known):
    """The first of the known layers on the way back from a layer; None where there is none."""
    while layer not in known:
        before = sources_of(layer)
        if not before:  # the input
            return None
        layer = before[0]
    return layer


def sources_of(layer: keras.Layer) -> list:
    """The layers whose output goes into this one; none for the photo."""
    inputs = layer.input if isinstance(layer.input, (list, tuple)) else [layer.input]
    return [tensor._keras_history.operation for tensor in inputs]
