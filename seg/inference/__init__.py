"""A photo in, class maps and what they say out."""

from seg.inference.comparison import Networks
from seg.inference.segmenter import Segmenter

__all__ = ["Networks", "Segmenter"]
