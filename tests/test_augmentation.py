import numpy as np

from seg.augmentation import Augmentation
from seg.batches import TrainingBatches
from seg.classes import BACKGROUND, PALETTE

STILL = Augmentation(zoom=(1, 1), aspect=1, rotation=0, colour=0, flip=False)


def scene(rng):
    """A photo painted by its own mask, so that the two can be checked against each other."""
    mask = np.kron(rng.integers(0, 3, (4, 4)), np.ones((16, 16))).astype(np.uint8)
    return np.array(PALETTE, np.uint8)[mask], mask


def test_nothing_drawn_changes_nothing(rng):
    photo, mask = scene(rng)
    got_photo, got_mask = STILL(photo, mask, rng)
    assert (got_photo == photo).all() and (got_mask == mask).all()


def test_flip_alone_mirrors(rng):
    photo, mask = scene(rng)
    flip = Augmentation(zoom=(1, 1), aspect=1, rotation=0, colour=0, flip=True)
    seen = {tuple(flip(photo, mask, np.random.default_rng(i))[1].ravel()) for i in range(20)}
    assert seen == {tuple(mask.ravel()), tuple(mask[:, ::-1].ravel())}


def test_photo_and_mask_move_together(rng):
    photo, mask = scene(rng)
    augmentation = Augmentation(zoom=(0.7, 1.8), aspect=1.4, rotation=30, colour=0)
    for i in range(20):
        got_photo, got_mask = augmentation(photo, mask, np.random.default_rng(i))
        assert got_photo.shape == photo.shape and got_mask.shape == mask.shape
        assert got_photo.dtype == got_mask.dtype == np.uint8
        distance = np.abs(got_photo[..., None, :].astype(int) - np.array(PALETTE)).sum(-1)
        inside = distance.min(-1) < 30  # not blended at a border, not outside the photo
        assert inside.mean() > 0.4
        assert (distance.argmin(-1)[inside] == got_mask[inside]).mean() > 0.97


def test_outside_is_background(rng):
    photo, mask = scene(rng)
    mask[:] = 0
    _, got = Augmentation(zoom=(0.5, 0.5), rotation=0, aspect=1, colour=0)(photo, mask, rng)
    assert set(np.unique(got)) == {0, BACKGROUND}
    assert (got == 0).mean() < 0.3


class Photos(list):
    image_size = 64


def test_stream_depends_on_seed_and_epoch_alone(rng):
    photos = Photos(scene(rng) for _ in range(10))
    whole = TrainingBatches(photos, 4, Augmentation(), seed=3)
    assert len(whole) == 2
    first = whole[0][0]
    whole.on_epoch_end()
    resumed = TrainingBatches(photos, 4, Augmentation(), seed=3, initial_epoch=1)
    for index in range(len(whole)):
        for a, b in zip(whole[index], resumed[index]):
            assert (a == b).all()
    assert not (first == resumed[0][0]).all()
