"""The Oxford-IIIT Pet dataset, or one in its form, as photos to train on, to validate with and to test with."""

from dataclasses import dataclass
from pathlib import Path

from seg.data.cache import fill_cache, open_cache, read_index
from seg.data.locks import locked
from seg.data.photo_set import PhotoSet
from seg.data.prepared import NAME, OFFICIAL_COUNTS, download, find_prepared, fingerprint
from seg.data.validation import validation_indices
from seg.errors import UserError


@dataclass(frozen=True)
class PetDataset:
    """Training, validation and test photos; ``description`` says where they came from."""

    train: PhotoSet
    validation: PhotoSet
    test: PhotoSet
    description: dict


def load_pets(cache_dir, image_size: int, data_dir=None, limit: int | None = None) -> PetDataset:
    """Loads the dataset from its cache, which is filled on first use, and says where the photos are from.

    Training photos without a single pet pixel, an annotation defect, are dropped. About a tenth of the training split
    is held out for validation, chosen by file name, hence always the same. The test split is the official one.

    Args:
        cache_dir: folder for the caches, one for each size and limit. From a filled one no TensorFlow is needed.
        image_size: height and width to which photos are squashed, pixels.
        data_dir: folder that holds a prepared ``oxford_iiit_pet/4.*``; a cache of other data, or of what has changed
            since, is made anew. Without it the cached official photos are used, or TFDS downloads them.
        limit: use only the first ``limit`` photos of each official split.

    Raises:
        UserError: no such dataset, incomplete, nothing to train with, no network, or disk full.
    """
    folder = Path(cache_dir) / (f"{NAME}-{image_size}px" + (f"-first{limit}" if limit else ""))
    source = find_prepared(Path(data_dir).resolve()) if data_dir else None
    index = _usable_index(folder, source)
    if index is None:
        with locked(folder, "decodes the photos", wait=True):
            # The one who was waited for may have made it.
            index = _usable_index(folder, source) or fill_cache(folder, source or download(), image_size, limit)
    print(f"Photos from {index['source']} (cache of {index['made']} in {folder}).", flush=True)
    splits = open_cache(folder, index)
    without_pet = set(index["splits"]["train"]["without_pet"])
    train = splits["train"].subset([i for i in range(len(splits["train"])) if i not in without_pet])
    held_out = validation_indices(train.file_names)
    others = sorted(set(range(len(train))) - set(held_out))
    description = {
        "name": f"{'tfds:' if _is_official(index) else 'own photos as '}{NAME}/{index['version']}",
        "limit": limit,
        "train": len(others),
        "validation": len(held_out),
        "test": len(splits["test"]),
        "dropped_without_pet": len(without_pet),
        "sha256": index["sha256"],
    }
    return PetDataset(train.subset(others), train.subset(held_out), splits["test"], description)


def _usable_index(folder, source):
    """The index of a cache that holds the photos of ``source``, or the official ones, else None."""
    index = read_index(folder)
    if index is None:
        return None
    if source:
        return index if fingerprint(source) == index["fingerprint"] else None
    if not _is_official(index):
        raise UserError(
            f"The cache in {folder} holds photos from {index['source']}, not the official ones; give --data-dir"
            f" {Path(index['source']).parents[1]} to use them, or another --work-dir."
        )
    source = Path(index["source"])
    # The data may be gone once they are in the cache; while they are there, they may have been repaired.
    return index if not source.is_dir() or fingerprint(source) == index["fingerprint"] else None


def _is_official(index):
    return OFFICIAL_COUNTS.items() <= index["fingerprint"]["photos"].items()
