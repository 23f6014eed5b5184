"""FCN-8: fully convolutional VGG-16 with predictions fused at strides 32, 16 and 8.

Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic
Segmentation", CVPR 2015, https://arxiv.org/abs/1411.4038.
"""

from seg.classes import NUM_CLASSES
from seg.networks.description import LARGEST_IMAGE_SIZE, STRIDE, VGG16_LEARNING_RATE, Argument, Experiment, Network

LEAST_SIZE = 192
"""To this height and width smaller photos are scaled up, unless told otherwise."""


def build_fcn8(fc_filters: int, dropout_rate: float = 0.5, enlarge: float = 1, skips: bool = True):
    """Builds FCN-8.

    The score layers on pool4 and pool3 start at zero, so that training begins
    with the predictions of stride 32 alone (section 4.2 of the paper). Unlike
    the original, the photo is not padded by 100 pixels: every convolution pads
    its own input, so that logits and photo have the same size.

    Args:
        fc_filters: width of fc6 and fc7; 4096 is the paper's, 134.3 million
            parameters.
        dropout_rate: share of features dropped after fc6 and fc7.
        enlarge: factor by which the photo is scaled up before the first
            convolution, and the logits back down. Scores then lie 8 / enlarge
            pixels of a small photo apart instead of 8.
        skips: whether pool4 and pool3 are scored too; without them this is the
            FCN-32 of the paper.

    Returns:
        A network from RGB photos (n, h, w, 3), 0..255, with h and w, enlarged,
        divisible by 32, to float32 logits (n, h, w, classes).
    """
    import keras
    from keras import layers

    from seg.networks.bilinear import BilinearUpsampling
    from seg.networks.resizing import BilinearResizing
    from seg.networks.vgg16 import vgg16_features

    def scores(features, name, initializer):
        # In float32 under mixed precision: they are few and become the logits.
        return layers.Conv2D(NUM_CLASSES, 1, kernel_initializer=initializer, dtype="float32", name=name)(features)

    photos = keras.Input((None, None, 3), name="photo")
    x = photos if enlarge == 1 else BilinearResizing(enlarge, dtype="float32", name="enlarge")(photos)
    _, (_, _, pool3, pool4, pool5) = vgg16_features(x)

    x = layers.Conv2D(fc_filters, 7, padding="same", activation="relu", kernel_initializer="he_normal", name="fc6")(
        pool5
    )
    x = layers.Dropout(dropout_rate, name="drop6")(x)
    x = layers.Conv2D(fc_filters, 1, activation="relu", kernel_initializer="he_normal", name="fc7")(x)
    x = layers.Dropout(dropout_rate, name="drop7")(x)
    score = scores(x, "score_fc7", "glorot_uniform")
    if skips:
        score = BilinearUpsampling(NUM_CLASSES, 2, dtype="float32", name="upscore2")(score)
        score = layers.Add(dtype="float32", name="fuse_pool4")([score, scores(pool4, "score_pool4", "zeros")])
        score = BilinearUpsampling(NUM_CLASSES, 2, dtype="float32", name="upscore_pool4")(score)
        score = layers.Add(dtype="float32", name="fuse_pool3")([score, scores(pool3, "score_pool3", "zeros")])
        logits = BilinearUpsampling(NUM_CLASSES, 8, dtype="float32", name="upscore8")(score)
    else:
        logits = BilinearUpsampling(NUM_CLASSES, 32, dtype="float32", name="upscore32")(score)
    if enlarge != 1:
        logits = BilinearResizing(1 / enlarge, dtype="float32", name="reduce")(logits)
    return keras.Model(photos, logits, name="fcn8")


def _problem(arguments: dict, image_size: int) -> str | None:
    """Whether photos of ``image_size`` pixels can be scaled up by the factor among the arguments."""
    enlarged = image_size * arguments.get("enlarge", 1)
    if image_size <= enlarged <= LARGEST_IMAGE_SIZE and enlarged % STRIDE == 0:
        return None
    return (
        f"enlarge times the image size must be a multiple of {STRIDE}, from the image size to {LARGEST_IMAGE_SIZE}, and"
        f" {arguments['enlarge']:g} times {image_size} is not"
    )


NETWORK = Network(
    name="fcn8",
    title="FCN-8",
    paper="https://arxiv.org/abs/1411.4038",
    authors="Long, Shelhamer, Darrell 2015",
    summary=(
        "a fully convolutional [VGG-16](https://arxiv.org/abs/1409.1556) whose predictions at strides 32, 16 and 8 are"
        " fused"
    ),
    paragraph=(
        "VGG-16, a network made to name photos and pretrained on ImageNet, becomes one that names places: where the"
        " photo has shrunk most, each place gets a score for each class. They are enlarged, and on the way up the"
        " scores of two earlier layers, pool4 and pool3, are **added**. With the first alone this is FCN-16, with none"
        " of them FCN-32."
    ),
    colour="#d1495b",
    build=build_fcn8,
    arguments=(
        Argument(
            "enlarge",
            1.0,
            (1, LARGEST_IMAGE_SIZE // STRIDE),
            option="--enlarge",
            help=(
                f"factor by which FCN-8 scales the photo up before its first convolution; by default to {LEAST_SIZE}"
                " pixels, or not at all if it is larger"
            ),
            at_size=lambda image_size: max(1.0, LEAST_SIZE / image_size),
        ),
        # As wide as the paper's it has 134 million parameters: no config makes a machine run out of memory.
        Argument(
            "fc_filters",
            512,
            (1, 4096),
            option="--fc-filters",
            help="width of FCN-8's fc6 and fc7",
            tensors=("fc6/kernel",),
        ),
        Argument("dropout_rate", 0.5, (0, 0.99)),
        Argument("skips", True),
    ),
    problem=_problem,
    learning_rate=VGG16_LEARNING_RATE,
    vgg16={},
    without=("FCN-16", "FCN-32"),
    # Most of its encoder once started at random: a change needs three times as many steps as U-Net's to show.
    schedule={"photos": 1653, "epochs": 6},
    trials=(
        Experiment("cross-entropy plus Dice loss", recipe={"dice_weight": 1.0}),
        Experiment("photo enlarged 1.5 times", arguments={"enlarge": 1.5}),
        Experiment("encoder at a tenth of the rate", recipe={"encoder_rate": 0.1}),
        Experiment("encoder at random, unit variance", recipe={"encoder_weights": "none"}),
    ),
)
