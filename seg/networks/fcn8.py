"""FCN-8: fully convolutional VGG-16 with predictions fused at strides 32, 16 and 8.

Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic
Segmentation", CVPR 2015, https://arxiv.org/abs/1411.4038.
"""

import keras
from keras import layers

from seg.classes import NUM_CLASSES
from seg.networks.bilinear import BilinearUpsampling
from seg.networks.resizing import BilinearResizing
from seg.networks.vgg16 import vgg16_features


def build_fcn8(fc_filters: int, dropout_rate: float = 0.5, enlarge: float = 1, skips: bool = True) -> keras.Model:
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
        divisible by 32, to float32 logits (n, h, w, 3).
    """
    photos = keras.Input((None, None, 3), name="photo")
    x = photos if enlarge == 1 else BilinearResizing(enlarge, dtype="float32", name="enlarge")(photos)
    _, (_, _, pool3, pool4, pool5) = vgg16_features(x)

    x = layers.Conv2D(fc_filters, 7, padding="same", activation="relu", kernel_initializer="he_normal", name="fc6")(
        pool5
    )
    x = layers.Dropout(dropout_rate, name="drop6")(x)
    x = layers.Conv2D(fc_filters, 1, activation="relu", kernel_initializer="he_normal", name="fc7")(x)
    x = layers.Dropout(dropout_rate, name="drop7")(x)
    # Scores stay in float32 under mixed precision: they are few and become the logits.
    score = _score(x, "score_fc7", "glorot_uniform")
    if skips:
        score = BilinearUpsampling(NUM_CLASSES, 2, dtype="float32", name="upscore2")(score)
        score = layers.Add(dtype="float32", name="fuse_pool4")([score, _score(pool4, "score_pool4", "zeros")])
        score = BilinearUpsampling(NUM_CLASSES, 2, dtype="float32", name="upscore_pool4")(score)
        score = layers.Add(dtype="float32", name="fuse_pool3")([score, _score(pool3, "score_pool3", "zeros")])
        logits = BilinearUpsampling(NUM_CLASSES, 8, dtype="float32", name="upscore8")(score)
    else:
        logits = BilinearUpsampling(NUM_CLASSES, 32, dtype="float32", name="upscore32")(score)
    if enlarge != 1:
        logits = BilinearResizing(1 / enlarge, dtype="float32", name="reduce")(logits)
    return keras.Model(photos, logits, name="fcn8")


def _score(features, name, initializer):
    return layers.Conv2D(NUM_CLASSES, 1, kernel_initializer=initializer, dtype="float32", name=name)(features)
