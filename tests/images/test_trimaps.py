import io

import numpy as np
import pytest
from PIL import Image

from seg.errors import UserError
from seg.images.rendering import mask_image
from seg.images.trimaps import open_trimap

IDS = np.array([[0, 1, 2, 1], [2, 2, 1, 0]], np.uint8)


def png(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return io.BytesIO(file.getvalue())


def grey(values):
    return Image.fromarray(np.asarray(values, np.uint8))


@pytest.mark.parametrize(
    "image",
    [
        grey(IDS),
        grey(IDS + 1),
        mask_image(IDS),  # what the page itself lets people download
        grey(IDS + 1).convert("RGB"),
        grey(IDS).convert("LA"),
        grey(IDS + 1).convert("RGBA"),
        Image.fromarray(IDS.astype(np.uint16) + 1),
    ],
    ids=["ids", "dataset", "palette", "RGB", "LA", "RGBA", "16 bits"],
)
def test_every_way_to_write_it(image):
    read = open_trimap(png(image), 4, 2)
    assert read.dtype == np.uint8 and (read == IDS).all()


def test_without_outline():
    assert open_trimap(png(Image.fromarray(np.array([[True, False]]))), 2, 1).tolist() == [[1, 0]]
    assert open_trimap(png(grey([[1, 2]])), 2, 1).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    "source, sentence",
    [
        (png(grey(IDS[:, :3])), "This trimap is 3 x 2 pixels, the photo 4 x 2; choose the trimap of this photo."),
        (
            png(grey(IDS * 127)),
            "This trimap has values from 0 to 254; save it with 1 pet, 2 background, 3 outline, or 0 pet, 1 background, 2 outline.",
        ),
        (png(grey(IDS + IDS // 2)), "values from 0 to 3"),
        (png(mask_image(IDS).convert("RGB")), "This trimap has colours"),
        (io.BytesIO(b"no picture"), "no PNG file that can be read"),
        (io.BytesIO(png(grey(IDS)).getvalue()[:50]), "no PNG file that can be read"),
        ("/nowhere.png", "no longer on the server"),
    ],
    ids=["size", "values", "both schemes", "colours", "text", "half", "gone"],
)
def test_anything_else_is_one_sentence(source, sentence):
    with pytest.raises(UserError) as error:
        open_trimap(source, 4, 2)
    assert sentence in str(error.value)


@pytest.mark.slow
def test_large_ones_are_one_byte_a_pixel():
    """Four bytes for each of 128 million pixels would be half a gigabyte, twice."""
    side = 7200
    large = png(grey([[1]]).resize((side, side)).convert("RGBA"))
    with pytest.raises(UserError, match="more than 51 megapixels; make it smaller, or save it as grey"):
        open_trimap(large, side, side)
    assert (open_trimap(png(grey([[1]]).resize((side, side))), side, side) == 0).all()
