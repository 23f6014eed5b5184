"""Bilinear resizing by a factor, inside a network."""

import keras
from keras import layers


@keras.saving.register_keras_serializable("seg")
class BilinearResizing(layers.Layer):
    """Scales height and width of (n, h, w, c) by a factor, without antialiasing.

    Args:
        factor: positive; sizes are rounded to whole pixels.
    """

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        # `keras.ops.image.resize` wants sizes that are known when a graph is built.
        height, width = keras.ops.shape(x)[1:3]
        return keras.ops.einsum("ih,nhwc,jw->nijc", self._interpolation(height), x, self._interpolation(width))

    def compute_output_shape(self, shape):
        """Sizes that are not known stay unknown."""
        scaled = (None if length is None else self._scaled(length) for length in shape[1:3])
        return (shape[0], *scaled, shape[3])

    def get_config(self):
        """The arguments above, from which Keras rebuilds the layer."""
        return super().get_config() | {"factor": self.factor}

    def _scaled(self, length):
        if isinstance(length, int):
            return round(length * self.factor)
        return keras.ops.cast(keras.ops.round(keras.ops.cast(length, "float32") * self.factor), "int32")

    def _interpolation(self, length):
        """Matrix (scaled length, length); pixels have their centres at half numbers."""
        ops = keras.ops
        places = (ops.arange(self._scaled(length), dtype="float32") + 0.5) / self.factor - 0.5
        last = ops.cast(length - 1, "float32")
        places = ops.clip(places, 0.0, last)
        return ops.relu(1 - ops.abs(places[:, None] - ops.arange(length, dtype="float32")[None, :]))
