import keras
from keras import layers

from seg.evaluation.complexity import multiply_adds, uncounted_layers


def test_every_kernel_counts():
    photo = keras.Input((None, None, 3))
    x = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(photo)  # 64 places x 9 x 3 x 2
    x = layers.SeparableConv2D(5, 3, strides=2, padding="same")(x)  # 16 places x (9 x 6 + 6 x 5)
    x = layers.Conv2D(10, 1, groups=5)(x)  # 16 places x 1 x 10
    x = layers.Dense(4)(x)  # 16 places x 10 x 4
    x = layers.Conv2DTranspose(2, 2, strides=2)(x)  # 16 places x 4 x 4 x 2
    network = keras.Model(photo, layers.BatchNormalization()(x))
    assert multiply_adds(network, 8) == 64 * 54 + 16 * (54 + 30) + 16 * 10 + 16 * 40 + 16 * 32
    assert uncounted_layers(network) == []


def test_a_kind_of_layer_that_is_not_known_is_named():
    photo = keras.Input((8, 8, 3))
    x = layers.EinsumDense("abcd,de->abce", (8, 8, 4), name="mixed")(photo)
    network = keras.Model(photo, layers.Conv2D(2, 1)(x))
    assert multiply_adds(network, 8) == 64 * 4 * 2
    assert uncounted_layers(network) == ["mixed (EinsumDense)"]
