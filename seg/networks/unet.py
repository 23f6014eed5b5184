"""U-Net: an encoder and a decoder joined by concatenating skip connections.

Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image
Segmentation", MICCAI 2015, https://arxiv.org/abs/1505.04597. With the
convolutions of VGG-16 as its encoder: Iglovikov, Shvets, "TernausNet", 2018,
https://arxiv.org/abs/1801.05746.
"""

from seg.classes import NUM_CLASSES
from seg.networks.description import Argument, Experiment, Network

ENCODERS = ("plain", "vgg16")
"""Its own encoder, and the convolutions of VGG-16; weights that do not say have the first."""

LEVELS = 4

# Keras' 0.99 makes the statistics lag behind the weights by a hundred steps, half
# an epoch here: validation then scores another network than the one trained.
_NORM_MOMENTUM = 0.9


def build_unet(base_filters: int, dropout_rate: float = 0.3, skips: bool = True, encoder: str = ENCODERS[0]):
    """Builds U-Net.

    Unlike the original, convolutions pad their input, so that logits and photo
    have the same size, and are followed by batch normalisation.

    With ``encoder="vgg16"`` the five blocks of VGG-16 take the encoder's place, as
    they are: widths 64 to 512, biases, no batch normalisation. Bottleneck and
    decoder stay those of the plain U-Net, but the decoder has a fifth level, as
    wide as the fourth. With 32 base filters its widths are those of TernausNet at
    either end (512 at the bottleneck, then 256 and 256; 32 at full size), and it
    costs half of what the encoder does; 64 would make it twice as dear as the encoder.

    Args:
        base_filters: filters of the first level, doubled at each of the four
            levels below; 64 is the paper's, 31 million parameters.
        dropout_rate: share of features dropped at the bottleneck.
        skips: whether the decoder gets the encoder's features; without them
            it sees the bottleneck alone.
        encoder: one of `ENCODERS`.

    Returns:
        A network from RGB photos (n, h, w, 3), 0..255, with h and w divisible
        by 16 (32 with VGG-16), to float32 logits (n, h, w, classes).
    """
    import keras
    from keras import layers

    from seg.networks.vgg16 import vgg16_features

    photos = keras.Input((None, None, 3), name="photo")
    if encoder == "vgg16":
        features, (*_, x) = vgg16_features(photos)
    else:
        x = layers.Rescaling(1 / 127.5, offset=-1, dtype="float32", name="rescale")(photos)
        features = []
        for level in range(1, LEVELS + 1):
            x = _two_convolutions(x, base_filters * 2 ** (level - 1), f"encoder{level}")
            features.append(x)
            x = layers.MaxPooling2D(2, name=f"encoder{level}_pool")(x)

    x = _two_convolutions(x, base_filters * 2**LEVELS, "bottleneck")
    x = layers.Dropout(dropout_rate, name="bottleneck_dropout")(x)

    for level in range(len(features), 0, -1):
        filters = base_filters * 2 ** (min(level, LEVELS) - 1)
        x = layers.Conv2DTranspose(filters, 2, strides=2, kernel_initializer="he_normal", name=f"decoder{level}_up")(x)
        if skips:
            x = layers.Concatenate(name=f"decoder{level}_skip")([features[level - 1], x])
        x = _two_convolutions(x, filters, f"decoder{level}")

    logits = layers.Conv2D(NUM_CLASSES, 1, dtype="float32", name="score")(x)
    return keras.Model(photos, logits, name="unet")


def _two_convolutions(x, filters, name):
    from keras import layers

    from seg.networks.batch_norm import FusedBatchNormalization

    for index in (1, 2):
        x = layers.Conv2D(
            filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv{index}"
        )(x)
        x = FusedBatchNormalization(momentum=_NORM_MOMENTUM, name=f"{name}_norm{index}")(x)
        x = layers.ReLU(name=f"{name}_relu{index}")(x)
    return x


_STRONGER = {"zoom": (0.7, 2.0), "aspect": 1.4, "rotation": 15.0, "colour": 0.4}

NETWORK = Network(
    name="unet",
    title="U-Net",
    paper="https://arxiv.org/abs/1505.04597",
    authors="Ronneberger, Fischer, Brox 2015",
    summary="an encoder and a decoder joined by skip connections, with batch normalisation",
    paragraph=(
        "The way up has as many layers as the way down, and at every size **all features** of the way down, as they"
        " were before the pooling, are copied beside those of the way up. It starts from random numbers."
    ),
    colour="#3b82c4",
    build=build_unet,
    arguments=(
        # At most 31 million parameters at the paper's 64, four times that at 128.
        Argument(
            "base_filters",
            32,
            (1, 128),
            option="--base-filters",
            help="width of U-Net's first level",
            tensors=("encoder1_conv1/kernel", "decoder1_conv1/kernel"),
        ),
        Argument("dropout_rate", 0.3, (0, 0.99)),
        Argument(
            "encoder",
            ENCODERS[0],
            ENCODERS,
            option="--unet-encoder",
            help="U-Net's own encoder, or VGG-16 as in TernausNet, which starts as --encoder-weights says",
        ),
        Argument("skips", True),
    ),
    vgg16={"encoder": "vgg16"},
    trials=(
        Experiment("cross-entropy plus Dice loss", (0, 1), recipe={"dice_weight": 1.0}),
        Experiment("cross-entropy to Dice loss as 1 to 3", (0, 1), recipe={"dice_weight": 3.0}),
        Experiment("average of weights, momentum 0.99", recipe={"ema_momentum": 0.99}),
        Experiment("average of weights, momentum 0.9", recipe={"ema_momentum": 0.9}),
        Experiment("stronger zoom, aspect, rotation, colour", augmentation=_STRONGER),
        Experiment("twice the epochs", recipe={"epochs": 8}),
        Experiment("batches of 8 photos", recipe={"batch_size": 8}),
        Experiment("half the width", arguments={"base_filters": 16}),
        Experiment("twice the width", arguments={"base_filters": 64}),
        Experiment("a third of the learning rate", recipe={"learning_rate": 3e-4}),
        Experiment("three times the learning rate", recipe={"learning_rate": 3e-3}),
        Experiment("ten times the weight decay", recipe={"weight_decay": 0.1}),
        Experiment("photos and masks of 96 x 96", image_size=96),
    ),
)
