"""A small dataset in the form in which TensorFlow Datasets prepares the large one."""

import numpy as np
from PIL import Image

from repository import EXAMPLES, example_photo


def store_dataset(folder, further_class=False):
    """Writes what `prepared_dataset` holds; a corner of each mask may be of a fourth class."""
    import tensorflow_datasets as tfds

    names = sorted(path.stem for path in EXAMPLES.glob("*.jpg"))
    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(),
            "segmentation_mask": tfds.features.Image(shape=(None, None, 1), use_colormap=True),
            "label": tfds.features.ClassLabel(names=["boxer", "Bengal"]),
            "species": tfds.features.ClassLabel(names=["Cat", "Dog"]),
            "file_name": tfds.features.Text(),
            "head_bbox": tfds.features.BBoxFeature(),
        }
    )

    def examples(split, count):
        for i in range(count):
            name = names[i % len(names)]
            size = (60 + i, 50 + 2 * i)
            mask = Image.open(EXAMPLES / f"{name}.png").resize(size, Image.Resampling.NEAREST)
            if (split, i) == ("train", 5):
                mask = Image.new("L", size, 2)  # an annotation without a pet
            if further_class:
                mask.paste(4, (0, 0, 20, 20))
            yield (
                i,
                {
                    "image": np.asarray(example_photo(name).resize(size)),
                    "segmentation_mask": np.asarray(mask)[..., np.newaxis],
                    "label": i % 2,
                    "species": (i + 1) % 2,
                    "file_name": f"{split}_{i}.jpg",
                    "head_bbox": tfds.features.BBox(0.0, 0.0, 0.0, 0.0),
                },
            )

    tfds.dataset_builders.store_as_tfds_dataset(
        name="oxford_iiit_pet",
        version="4.0.0",
        features=features,
        split_datasets={"train": list(examples("train", 32)), "test": list(examples("test", 16))},
        data_dir=folder,
    )
    return folder
