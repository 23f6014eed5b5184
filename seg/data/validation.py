"""Which training photos are held out for validation."""

import hashlib

# Both are part of the definition of the validation split, so no options. The share is that of all
# possible hashes, and chosen so that it holds out a tenth of the official training photos: 367 of
# the 3,673 with a pet, the same that a ranking by hash held out when the first weights were trained.
_NAMESPACE = "oxford_iiit_pet/validation"
_SHARE = 0.1086


def validation_indices(file_names: list[str]) -> list[int]:
    """Indices of the photos to validate with: those whose names have small hashes.

    Each name decides for itself, so a photo is held out or not whatever other
    photos there are. Only where that would leave nothing to train on or nothing
    to validate with, which happens with a few photos, the one next in line moves
    over.

    Args:
        file_names: of the training photos, at least two.

    Returns:
        Ascending indices into ``file_names``; at least one, and never all.
    """
    digests = [hashlib.sha256(f"{_NAMESPACE}/{name}".encode()).digest() for name in file_names]
    shares = [int.from_bytes(digest[:8]) / 2**64 for digest in digests]  # of all hashes, 0..1
    order = sorted(range(len(shares)), key=shares.__getitem__)
    count = sum(share < _SHARE for share in shares)
    return sorted(order[: min(max(1, count), len(file_names) - 1)])
