import numpy as np

from seg.classes import BACKGROUND, PALETTE
from seg.data.augmentation import Augmentation
from seg.data.batches import TrainingBatches

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


def test_colour_changes_the_photo_alone():
    photo, mask = np.full((64, 64, 3), (120, 90, 60), np.uint8), np.zeros((64, 64), np.uint8)
    photo[::2] //= 2  # contrast needs something to act on
    colour = Augmentation(zoom=(1, 1), aspect=1, rotation=0, colour=0.25, flip=False)
    means = []
    for i in range(40):
        got_photo, got_mask = colour(photo, mask, np.random.default_rng(i))
        assert (got_mask == mask).all()
        means.append(got_photo.mean())
    # Brightness by up to a quarter either way; drawn evenly, its standard deviation is 0.25 / sqrt(3).
    assert 0.1 < np.std(means) / photo.mean() < 0.2
    assert min(means) < 0.85 * photo.mean() and max(means) > 1.15 * photo.mean()


def test_rotation_turns_by_up_to_its_angle():
    """A horizontal bar through the middle: its slope is the tangent of the angle."""
    photo, mask = np.zeros((64, 64, 3), np.uint8), np.ones((64, 64), np.uint8)
    mask[30:34] = 0
    turn = Augmentation(zoom=(1, 1), aspect=1, rotation=10, colour=0, flip=False)
    angles = []
    for i in range(40):
        _, got = turn(photo, mask, np.random.default_rng(i))
        rows, columns = np.nonzero(got == 0)
        angles.append(np.degrees(np.arctan(np.polyfit(columns, rows, 1)[0])))
    assert max(np.abs(angles)) < 11
    assert min(angles) < -7 and max(angles) > 7


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


def test_every_epoch_has_an_order_of_its_own(rng):
    """Photos of one grey value each, so that a batch says which photos it holds."""
    photos = Photos((np.full((8, 8, 3), i, np.uint8), np.zeros((8, 8), np.uint8)) for i in range(32))
    batches = TrainingBatches(photos, 8, STILL, seed=3)
    orders = []
    for _ in range(2):
        orders.append([int(photo[0, 0, 0]) for index in range(len(batches)) for photo in batches[index][0]])
        batches.on_epoch_end()
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(32))
    assert orders[0] != orders[1]
    assert list(range(32)) not in orders
