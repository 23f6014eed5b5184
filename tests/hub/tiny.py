"""A third network, all of it: a test puts this file into `seg/networks/` of a copy and changes no other."""

from seg.classes import NUM_CLASSES
from seg.networks.description import Argument, Experiment, Network


def build_tiny(tiny_filters: int, skips: bool = True):
    """Goes down once with depthwise and separable kernels, and up without any of its own."""
    import keras
    from keras import layers

    from seg.networks.batch_norm import FusedBatchNormalization

    photos = keras.Input((None, None, 3), name="photo")
    x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="rescale")(photos)
    fine = layers.Conv2D(tiny_filters, 3, padding="same", activation="relu", name="fine")(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", name="shrink")(fine)
    x = layers.SeparableConv2D(tiny_filters, 3, padding="same", activation="relu", name="coarse")(x)
    x = FusedBatchNormalization(name="norm")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    x = layers.UpSampling2D(2, name="enlarge_again")(x)
    if skips:
        x = layers.Add(name="join")([layers.Conv2D(tiny_filters, 1, name="carry")(fine), x])
    return keras.Model(photos, layers.Conv2D(NUM_CLASSES, 1, dtype="float32", name="score")(x), name="tiny")


NETWORK = Network(
    name="tiny",
    title="TinyNet",
    paper="https://example.org/tiny",
    authors="Nobody 2026",
    summary="a network for a test",
    paragraph="It goes down once and **comes up** again.",
    colour="#2a7f3f",
    build=build_tiny,
    arguments=(
        Argument("tiny_filters", 4, (1, 16), "--tiny-filters", "width of TinyNet", tensors=("fine/kernel",)),
        Argument("skips", True),
    ),
    learning_rate=5e-3,
    trials=(Experiment("twice the width", arguments={"tiny_filters": 8}),),
)
