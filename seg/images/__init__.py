"""Photos, masks and the pictures made of them."""

from seg.images.photos import Photo, open_photo
from seg.images.trimaps import open_trimap

__all__ = ["Photo", "open_photo", "open_trimap"]
