"""Somebody's own photos in the dataset's form: what is wrong with them is said before anything is trained."""

import numpy as np
import pytest

from seg.data.dataset import load_pets
from seg.errors import UserError


@pytest.fixture(scope="module")
def tfds():
    import tensorflow_datasets

    return tensorflow_datasets


@pytest.fixture
def own(tfds, tmp_path):
    """Prepares own photos; of `masks`, lists by split, each makes one."""

    def prepare(masks, without=(), image_shape=(40, 30, 3), **features):
        known = {
            "image": tfds.features.Image(shape=(None, None, image_shape[2])),
            "segmentation_mask": tfds.features.Image(shape=(None, None, 1)),
            "label": tfds.features.ClassLabel(names=["boxer"]),
            "species": tfds.features.ClassLabel(names=["Dog"]),
            "file_name": tfds.features.Text(),
        } | features
        kept = {key: feature for key, feature in known.items() if key not in without}

        def example(split, i, mask):
            values = {
                "image": np.full(image_shape, 99, np.uint8),
                "segmentation_mask": mask[..., np.newaxis],
                "label": 0,
                "species": 0,
                "file_name": f"{split}_{i}.jpg",
            }
            return {key: values[key] for key in kept}

        tfds.dataset_builders.store_as_tfds_dataset(
            name="oxford_iiit_pet",
            version="4.0.0",
            features=tfds.features.FeaturesDict(kept),
            split_datasets={
                split: [(i, example(split, i, mask)) for i, mask in enumerate(of_split)]
                for split, of_split in masks.items()
            },
            data_dir=tmp_path / "own",
        )
        return tmp_path / "own"

    return prepare


def mask(*values, size=(40, 30)):
    """All of the values, in stripes."""
    return np.resize(np.repeat(np.array(values, np.uint8), 5 * size[1]), size)


def refused(folder, tmp_path):
    with pytest.raises(UserError) as caught:
        load_pets(tmp_path / "cache", 32, folder)
    assert not (tmp_path / "cache/oxford_iiit_pet-32px").exists(), "what cannot be trained on is not kept"
    return str(caught.value)


GOOD = mask(1, 2, 3)


def test_two_photos_suffice(own, tmp_path):
    pets = load_pets(tmp_path / "cache", 32, own({"train": [GOOD, GOOD], "test": [GOOD]}))
    assert (len(pets.train), len(pets.validation), len(pets.test)) == (1, 1, 1)
    assert set(np.unique(pets.train[0][1])) == {0, 1, 2}


@pytest.mark.parametrize(
    "values, told", [((0, 255), "0, 255"), ((0, 1, 2), "0, 1, 2"), ((1, 2, 3, 4), "1, 2, 3, 4"), ((0,), "0")]
)
@pytest.mark.parametrize("split", ["train", "test"])
def test_masks_of_other_values(own, tmp_path, values, told, split):
    masks = {"train": [GOOD] * 3, "test": [GOOD] * 3}
    masks[split] = [GOOD, GOOD, mask(*values)]
    sentence = refused(own(masks), tmp_path)
    assert f"The mask of {split}_2.jpg in {tmp_path}" in sentence and f"has the values {told};" in sentence
    assert "1 pet, 2 background, 3 outline" in sentence


@pytest.mark.parametrize("count, told", [(8, "6, 7;"), (256, "6, 7 and more;")])
def test_a_mask_of_many_values(own, tmp_path, count, told):
    many = np.resize(np.arange(count, dtype=np.uint8), (40, 30))
    assert told in refused(own({"train": [GOOD, many], "test": [GOOD]}), tmp_path)


def test_a_mask_of_another_size(own, tmp_path):
    sentence = refused(own({"train": [GOOD, mask(1, 2, size=(30, 40))], "test": [GOOD]}), tmp_path)
    assert "train_1.jpg" in sentence and "40 x 30 pixels, its photo 30 x 40" in sentence


@pytest.mark.parametrize("pets, told", [(0, "no photos with a pet"), (1, "1 photo with a pet")])
def test_too_few_pets(own, tmp_path, pets, told):
    masks = [GOOD] * pets + [mask(2)] * 3
    sentence = refused(own({"train": masks, "test": [GOOD]}), tmp_path)
    assert told in sentence and "at least two are needed" in sentence


@pytest.mark.parametrize("key", ["image", "segmentation_mask", "label", "species", "file_name"])
def test_a_feature_that_is_missing(own, tmp_path, key):
    assert f"has no {key} as" in refused(own({"train": [GOOD] * 2, "test": [GOOD]}, without=[key]), tmp_path)


def test_features_of_another_type(own, tmp_path, tfds):
    numbers = tfds.features.Scalar(dtype=np.int64)
    sentence = refused(own({"train": [GOOD] * 2, "test": [GOOD]}, label=numbers, species=numbers), tmp_path)
    assert "has no label and no species as" in sentence


def test_grey_photos(own, tmp_path):
    assert "has no image as" in refused(own({"train": [GOOD] * 2, "test": [GOOD]}, image_shape=(40, 30, 1)), tmp_path)


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_split_that_is_missing(own, tmp_path, split):
    masks = {"train": [GOOD] * 2, "test": [GOOD] * 2}
    del masks[split]
    assert f"has no {split} split; prepare it with photos in train and in test" in refused(own(masks), tmp_path)
