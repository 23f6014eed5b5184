"""Transposed convolution that starts as bilinear interpolation."""

import keras
import numpy as np
from keras import layers


def bilinear_kernel(shape, dtype=None):
    """Kernel of a transposed convolution that interpolates bilinearly.

    Long, Shelhamer, Darrell 2015, section 3.3. Each channel is upsampled by
    itself: the kernel (k, k, out, in) is zero where out != in.
    """
    size = shape[0]
    factor = (size + 1) // 2
    centre = factor - 1 if size % 2 else factor - 0.5
    ramp = 1 - np.abs(np.arange(size) - centre) / factor
    kernel = np.outer(ramp, ramp)[:, :, None, None] * np.eye(shape[2], shape[3])
    return keras.ops.convert_to_tensor(kernel, dtype=dtype)


@keras.saving.register_keras_serializable("seg")
class BilinearUpsampling(layers.Conv2DTranspose):
    """Learned upsampling by a whole factor, initialised to bilinear interpolation.

    From (n, h, w, filters) to (n, factor h, factor w, filters). The outermost
    pixels of the input are repeated once around it, so that a constant stays
    constant up to the edges; zeros there would pull them towards 0.

    Long, Shelhamer, Darrell 2015 differ in two ways: their last upsampling stays
    bilinear (section 4.3) where this one is learned like the others, and they pad
    the photo by 100 pixels and crop the scores instead of padding here.

    Args:
        filters: channels of input and output alike.
        factor: even number of output pixels per input pixel and axis.
    """

    def __init__(self, filters, factor, **kwargs):
        super().__init__(
            filters,
            kernel_size=2 * factor,
            strides=factor,
            padding="same",
            use_bias=False,
            kernel_initializer=bilinear_kernel,
            **kwargs,
        )

    def call(self, inputs):
        factor = self.strides[0]
        padded = keras.ops.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
        return super().call(padded)[:, factor:-factor, factor:-factor]

    def get_config(self):
        """The arguments above, from which Keras rebuilds the layer."""
        config = layers.Layer.get_config(self)
        return config | {"filters": self.filters, "factor": self.strides[0]}
