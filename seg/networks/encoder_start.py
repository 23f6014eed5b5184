"""How a VGG-16 encoder, of FCN-8 or U-Net, starts: pretrained layers, then unit variance."""

import zipfile
from pathlib import Path

import keras
import numpy as np

from seg.errors import UserError, unreadable
from seg.networks.vgg16 import CONVOLUTIONS


def start_encoder(network, encoder_weights: str, photos: np.ndarray) -> list[str]:
    """Gives a network with a VGG-16 encoder a start from which it trains.

    Layers that ``encoder_weights`` has are copied, then all convolutions are
    rescaled to unit output variance on ``photos`` (`unit_variance`).

    Args:
        network: as `seg.networks.fcn8.build_fcn8` returns it, or
            `seg.networks.unet.build_unet` with VGG-16 as its encoder.
        encoder_weights: ``"imagenet"``, downloaded by `keras.applications`;
            ``"none"``; or an ``.npz`` file with arrays ``LAYER_kernel`` (HWIO,
            input channels BGR) and ``LAYER_bias`` of any of the layers.
        photos: RGB array (n, h, w, 3), 0..255.

    Returns:
        The names of the layers that were copied.

    Raises:
        UserError: the weights cannot be had, or do not fit.
    """
    if encoder_weights == "none":
        pretrained = {}
    elif encoder_weights == "imagenet":
        pretrained = _imagenet()
    else:
        pretrained = _from_file(Path(encoder_weights))
    for name, (kernel, bias) in pretrained.items():
        layer = network.get_layer(name)
        if layer.kernel.shape != kernel.shape or layer.bias.shape != bias.shape:
            raise UserError(
                f"Encoder weights {encoder_weights}: {name} has a kernel of shape {kernel.shape}, VGG-16's is "
                f"{tuple(layer.kernel.shape)}; use weights of VGG-16."
            )
        layer.kernel.assign(kernel)
        layer.bias.assign(bias)
    unit_variance(network, photos)
    return list(pretrained)


def unit_variance(network, photos: np.ndarray) -> None:
    """Rescales VGG-16's convolutions, and fc6 and fc7 where the network has them, to unit output variance.

    Layer-sequential unit variance: Mishkin, Matas, "All you need is a good
    init", ICLR 2016, https://arxiv.org/abs/1511.06422. ReLU and max pooling
    commute with positive factors, so pretrained features keep their meaning:
    bias and kernel follow the factor of the layers before. U-Net's decoder is
    left alone: batch normalisation sees to its variance. What is measured is
    what the convolutions will see: a photo that the network enlarges, enlarged.

    Args:
        network: as of `start_encoder`.
        photos: RGB array (n, h, w, 3), 0..255.
    """
    x = keras.ops.convert_to_tensor(photos, dtype="float32")
    factor = 1.0
    for layer in network.layers:
        if layer.name in ("enlarge", "imagenet_preprocessing"):
            x = layer(x)
        elif isinstance(layer, keras.layers.MaxPooling2D):
            x = keras.ops.max_pool(x, 2, strides=2)
        if layer.name not in (*CONVOLUTIONS, "fc6", "fc7"):
            continue
        kernel, bias = layer.kernel.value, layer.bias.value * factor
        x = keras.ops.conv(x, keras.ops.cast(kernel, "float32"), padding="same") + bias
        scale = 1.0 / max(float(keras.ops.std(x)), 1e-6)
        layer.kernel.assign(kernel * scale)
        layer.bias.assign(bias * scale)
        factor *= scale
        x = keras.ops.relu(x * scale)


def _imagenet():
    try:
        vgg16 = keras.applications.VGG16(weights="imagenet", include_top=False)
    except Exception as error:  # keras raises whatever its download met
        raise UserError(
            "The ImageNet weights of VGG-16 could not be downloaded; check the network, or choose "
            "--encoder-weights none or a file."
        ) from error
    return {name: vgg16.get_layer(name).get_weights() for name in CONVOLUTIONS}


def _from_file(path):
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {
                name: (arrays[f"{name}_kernel"], arrays[f"{name}_bias"])
                for name in CONVOLUTIONS
                if f"{name}_kernel" in arrays and f"{name}_bias" in arrays
            }
    except OSError as error:
        raise unreadable(f"Encoder weights {path}", error) from error
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"Encoder weights {path} could not be read as an .npz file; check the path.") from error
    if not found:
        raise UserError(
            f"Encoder weights {path} hold no layer of VGG-16, such as block1_conv1_kernel and block1_conv1_bias."
        )
    return found
