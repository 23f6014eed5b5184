"""The sizes at which networks are compared, whatever size each of them gets."""

SCORED_AT = 256
"""Height and width, pixels, at which both are scored."""

PUBLISHED_SIZE = 128
"""Height and width, pixels, at which most others publish scores on these photos."""


def larger_copies(photos) -> list[int]:
    """Indices of the photos that the dataset has at more than `PUBLISHED_SIZE` pixels on the long side.

    Of some it may hold small copies only; what those lack, no network can find at a larger size.

    Args:
        photos: `seg.data.photo_set.PhotoSet`.
    """
    return [index for index, size in enumerate(photos.sizes) if max(size) > PUBLISHED_SIZE]
