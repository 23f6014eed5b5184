"""One photo compared as the project's first version did it.

Its FCN-8 stood on VGG-16 with 4,096 channels in fc6 and fc7 and saw 224 px; its
U-Net had 64 filters in the first level and saw 128 px. Each ran with
`model.predict`; Matplotlib drew the photo, the mask and the overlay.
"""

import os
import tempfile
from pathlib import Path

import numpy as np
from pictures import ROOT, save_photo
from PIL import Image
from timing import at_most


def rows():
    import matplotlib

    matplotlib.use("agg")
    from handler import handler
    from matplotlib import pyplot

    from seg.networks.fcn8 import build_fcn8
    from seg.networks.unet import build_unet
    from seg.ui.server.serving import Service

    networks = {224: build_fcn8(fc_filters=4096), 128: build_unet(base_filters=64)}

    def original(photo):
        for size, network in networks.items():
            image = np.asarray(Image.open(photo).convert("RGB").resize((size, size)))
            mask = network.predict(image[np.newaxis], verbose=0)[0].argmax(-1)
            figure, axes = pyplot.subplots(1, 3, figsize=(12, 4))
            for axis, title, pictures in zip(axes, ("Photo", "Mask", "Overlay"), ([image], [mask], [image, mask])):
                axis.set_title(title)
                axis.axis("off")
                for transparency, picture in zip((1, 0.5), pictures):
                    axis.imshow(picture, alpha=transparency)
            figure.savefig(photo.with_suffix(f".{size}.png"))
            pyplot.close(figure)

    with tempfile.TemporaryDirectory() as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        compare = handler(Service(ROOT / "weights"))
        photo = save_photo(Path(folder) / "photo.jpg", 500, 375)
        yield at_most(
            "comparison of one photo, 500 x 375",
            "the original project's way",
            0.25,
            lambda: compare(photo),
            lambda: original(photo),
        )
