"""The convolutions of VGG-16, with the layer names of `keras.applications`.

Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
Recognition", ICLR 2015, https://arxiv.org/abs/1409.1556, configuration D.
"""

import keras
from keras import layers

# Filters of each convolution, block by block.
BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))

# Means of ImageNet in the order blue, green, red, 0..255.
IMAGENET_MEANS_BGR = (103.939, 116.779, 123.68)

CONVOLUTIONS = tuple(
    f"block{block}_conv{index}" for block, filters in enumerate(BLOCKS, start=1) for index in range(1, len(filters) + 1)
)
"""Names of the 13 convolutions, from input to output."""


@keras.saving.register_keras_serializable("seg")
class ImagenetPreprocessing(layers.Layer):
    """RGB 0..255 to blue, green, red less the means of ImageNet, as VGG-16 was trained."""

    def call(self, photos):
        bgr = keras.ops.flip(photos, axis=-1)
        return bgr - keras.ops.convert_to_tensor(IMAGENET_MEANS_BGR, dtype=bgr.dtype)


def vgg16_features(photos):
    """Applies preprocessing and the five convolutional blocks.

    Args:
        photos: RGB tensor (n, h, w, 3), 0..255, h and w divisible by 32.

    Returns:
        Two tuples of five: what each block gives before its pooling, from
        (n, h, w, 64) to (n, h/16, w/16, 512), and after it, from
        (n, h/2, w/2, 64) to (n, h/32, w/32, 512).
    """
    # In float32: half precision would round 0..255 to steps of up to 1.
    x = ImagenetPreprocessing(dtype="float32", name="imagenet_preprocessing")(photos)
    features, pools = [], []
    for block, widths in enumerate(BLOCKS, start=1):
        for index, filters in enumerate(widths, start=1):
            x = layers.Conv2D(
                filters,
                3,
                padding="same",
                activation="relu",
                kernel_initializer="he_normal",
                name=f"block{block}_conv{index}",
            )(x)
        features.append(x)
        x = layers.MaxPooling2D(2, name=f"block{block}_pool")(x)
        pools.append(x)
    return tuple(features), tuple(pools)
