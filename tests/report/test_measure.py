"""What the report measures, on photos and networks of a few pixels whose answers are known."""

from types import SimpleNamespace

import numpy as np
import pytest

from seg.evaluation.calibration import fit_temperature, probabilities
from seg.report.compare import compare_networks
from seg.report.measure import _silenced, logits_at, measure_test, measure_validation, numbers_of, shown_photos
from seg.report.write import _same_photos


class Photos:
    """A split whose photos and masks are given: as `seg.data.photo_set.PhotoSet`."""

    def __init__(self, images, masks, sizes=None, names=None):
        self.images, self.masks = np.asarray(images, np.uint8), np.asarray(masks, np.uint8)
        self.sizes = sizes or [(4, 4)] * len(images)
        self.file_names = names or [f"{i}.jpg" for i in range(len(images))]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.images[index], self.masks[index]

    def batch(self, indices):
        return self.images[list(indices)], self.masks[list(indices)]

    def subset(self, indices):
        kept = list(indices)
        names = [self.file_names[i] for i in kept]
        return Photos(self.images[kept], self.masks[kept], [self.sizes[i] for i in kept], names)


def painted(class_maps, sure=4.0):
    """Photos whose red channel is the class that `reader` sees there, and how sure it is of it in green."""
    maps = np.asarray(class_maps, np.uint8)
    return np.stack([maps, np.full_like(maps, round(sure * 10)), np.zeros_like(maps)], axis=-1)


def reader(name, size, shift=0, temperature=1.0):
    """A network that says of each pixel what is painted there, or the class ``shift`` further."""

    def forward(photos):
        seen = (photos[..., 0] + shift) % 3
        return (np.eye(3, dtype=np.float32)[seen] * photos[..., 1:2] / 10).astype(np.float32)

    return SimpleNamespace(name=name, image_size=size, forward=forward, temperature=temperature)


LEFT_PET = [[0, 0, 1, 1]] * 4
"""4 x 4 pixels, the left half pet, the right one background."""
LEFT_PET_SMALL = [[0, 1]] * 2


@pytest.fixture
def published(monkeypatch):
    """The size of others' scores, small enough for these photos."""
    monkeypatch.setattr("seg.report.measure.PUBLISHED_SIZE", 2)


@pytest.fixture
def split():
    """Twenty photos, at 4 and at 2 pixels, more than one batch; only the last one's truth is background alone."""
    truths = {4: [LEFT_PET] * 19 + [[[1] * 4] * 4], 2: [LEFT_PET_SMALL] * 19 + [[[1] * 2] * 2]}
    return {
        size: Photos(painted([LEFT_PET if size == 4 else LEFT_PET_SMALL] * 20), masks) for size, masks in truths.items()
    }


def test_each_network_gets_the_photos_at_its_own_size(split):
    asked = {}

    def remembering(name, network):
        def forward(photos):
            asked.setdefault(name, set()).add(photos.shape[1:3])
            return network.forward(photos)

        return forward, network.image_size

    forwards = {
        "fcn8": remembering("fcn8", reader("fcn8", 4)),
        "unet": remembering("unet", reader("unet", 2)),
    }
    batches = list(logits_at(split, 4, forwards, "test"))
    assert asked == {"fcn8": {(4, 4)}, "unet": {(2, 2)}}
    assert [i for indices, _, _ in batches for i in indices] == list(range(20)) and len(batches) > 1
    for _, masks, logits in batches:
        assert masks.shape[1:] == (4, 4) and {each.shape[1:] for each in logits.values()} == {(4, 4, 3)}
    # Scaled bilinearly from 2 pixels: a quarter of the neighbour on either side of the middle.
    np.testing.assert_allclose(batches[0][2]["unet"][0, 0, :, 0], [4, 3, 1, 0], atol=1e-5)


def test_confusions_are_those_of_each_photo_at_both_sizes(split, published):
    measured, _ = measure_test([reader("fcn8", 4), reader("unet", 2, shift=1)], split, 4)
    right, shifted = measured["fcn8"], measured["unet"]
    assert right.confusions[0].tolist() == [[8, 0, 0], [0, 8, 0], [0, 0, 0]]
    assert right.confusions[19].tolist() == [[0, 0, 0], [8, 8, 0], [0, 0, 0]]
    assert right.published[0].tolist() == [[2, 0, 0], [0, 2, 0], [0, 0, 0]]
    assert shifted.published[0].tolist() == [[0, 2, 0], [0, 0, 2], [0, 0, 0]]
    assert shifted.confusions[0].sum() == 16 and np.trace(shifted.confusions[0]) == 0
    assert len(right.boundary_f) == 20 and right.boundary_f[:19] == [1.0] * 19 and right.boundary_f[19] == 0.0


def test_each_network_is_calibrated_by_its_own_temperature(split, published):
    contestants = [reader("fcn8", 4, temperature=2.0), reader("unet", 4, shift=1, temperature=0.5)]
    measured, disputed = measure_test(contestants, split, 4)
    sure = [float(probabilities(np.array([4.0, 0, 0]), t).max()) for t in (2.0, 0.5)]
    np.testing.assert_allclose(disputed, [sure] * 20, atol=1e-5)
    correct = (19 * 16 + 8) / 320
    assert measured["fcn8"].calibrated.expected_calibration_error() == pytest.approx(abs(sure[0] - correct), abs=1e-5)
    raw = float(probabilities(np.array([4.0, 0, 0])).max())
    assert measured["fcn8"].raw.expected_calibration_error() == pytest.approx(abs(raw - correct), abs=1e-5)


def test_nothing_is_disputed_where_both_say_the_same(split, published):
    _, disputed = measure_test([reader("fcn8", 4), reader("unet", 4)], split, 4)
    assert np.isnan(disputed).all()


def test_temperature_is_that_of_the_plain_logits(split):
    network = reader("unet", 4)
    gain = measure_validation(network, split, 4)
    logits, masks = network.forward(split[4].images), split[4].masks
    assert network.temperature == pytest.approx(fit_temperature(logits, masks), rel=0.01)
    assert gain["photos"] == 20 and gain["split"] == "validation"


def test_flip_averaging_is_the_mean_with_the_mirrored_view():
    """One that sees a pet on the left of whatever it gets is right on one half, and on neither view by itself."""
    sees_left = SimpleNamespace(
        name="unet",
        image_size=4,
        temperature=1.0,
        forward=lambda photos: np.broadcast_to(
            np.array([[3, 0, 0], [3, 0, 0], [0, 2, 0], [0, 2, 0]], np.float32), (len(photos), 4, 4, 3)
        ).copy(),
    )
    photos = {4: Photos(painted([LEFT_PET]), [[[0] * 4] * 4])}
    gained = measure_validation(sees_left, photos, 4)["gained"]
    assert gained["pixel_accuracy"] == pytest.approx(0.5)  # half of the pixels alone, all of them together


def test_larger_copies_are_scored_alone(split, published, monkeypatch):
    for name, value in (("multiply_adds", 1), ("seconds_per_photo", 1.0), ("_silenced", {})):
        monkeypatch.setattr(f"seg.report.measure.{name}", lambda *args, value=value: value)
    network = reader("fcn8", 4)
    network.digest, network.file_bytes = "abc", 9
    network.network = SimpleNamespace(layers=[], count_params=lambda: 7)
    measured, _ = measure_test([network, reader("unet", 4)], split, 4)
    split[4].sizes = [(300, 200)] * 19 + [(128, 128)]
    numbers = numbers_of(network, measured["fcn8"], split, 4)
    assert numbers["larger_copies"]["pixel_accuracy"] == 1 and numbers["pixel_accuracy"] < 1
    assert numbers["sha256"] == "abc" and numbers["image_size"] == 4
    split[4].sizes = [(128, 128)] * 20
    assert numbers_of(network, measured["fcn8"], split, 4)["larger_copies"] is None


@pytest.mark.parametrize("own, shown", [((8, 4), (4, 2)), ((2, 4), (2, 4)), ((3, 9), (1, 4)), ((2, 2), (2, 2))])
def test_photos_are_shown_at_their_own_aspect_ratio_and_never_enlarged(own, shown):
    photos = {4: Photos(painted([LEFT_PET]), [LEFT_PET], [own])}
    photo, truth, maps = shown_photos([reader("unet", 4)], photos, 4, [0])[0]
    assert photo.shape == (*shown[::-1], 3) and truth.shape == maps["unet"].shape == shown[::-1]
    if shown[0] > 1:
        assert (truth == maps["unet"]).all() and set(truth[0]) == {0, 1}


def test_breeds_have_the_scores_of_their_own_photos():
    right, wrong = np.diag([5, 5, 5]), np.array([[0, 5, 0], [5, 0, 0], [0, 0, 5]])
    breeds = ["pug"] * 20 + ["boxer"] * 20 + ["rare"] * 3
    confusions = np.array([right] * 20 + [wrong] * 23)
    photos = SimpleNamespace(
        file_names=[f"{i}.jpg" for i in range(43)],
        breeds=breeds,
        species=["dog"] * 40 + ["cat"] * 3,
        sizes=[(300, 200)] * 43,
    )
    contest = compare_networks({"fcn8": confusions, "unet": np.array([right] * 43)}, np.full((43, 2), np.nan), photos)
    assert {name: (found["photos"], found["fcn8"]) for name, found in contest["breeds"].items()} == {
        "boxer": (20, pytest.approx(1 / 3)),
        "pug": (20, 1.0),
    }
    assert contest["species"]["cat"]["photos"] == 3 and contest["species"]["cat"]["unet"] == 1


def test_validation_photos_are_the_same_at_every_size():
    kept = {
        2: Photos(painted([[[0]]] * 2), [[[0]]] * 2, names=["a", "c"]),
        4: Photos(painted([[[0]]] * 3), [[[0]]] * 3, names=["a", "b", "c"]),
    }
    assert {size: photos.file_names for size, photos in _same_photos(kept).items()} == {2: ["a", "c"], 4: ["a", "c"]}


@pytest.mark.slow
def test_each_variant_is_scored_without_its_own_skips(rng):
    import keras

    from seg.evaluation.evaluate import evaluate
    from seg.networks import build_network

    keras.utils.set_random_seed(0)
    network = build_network("unet", {"base_filters": 2})
    photos = Photos(rng.integers(0, 256, (3, 32, 32, 3)), rng.integers(0, 3, (3, 32, 32)))
    photos.image_size = 32
    whole = evaluate(network, photos)["confusion_matrix"]
    found = SimpleNamespace(confusions=np.array([whole, np.zeros((3, 3)), np.zeros((3, 3))], int))
    contestant = SimpleNamespace(name="unet", image_size=32, network=network)
    told = _silenced(contestant, found, {32: photos}, 32)
    assert told.pop("U-Net, whole")["mean_iou"] == pytest.approx(evaluate(network, photos)["mean_iou"])
    kernels = {f"{level}": network.get_layer(f"decoder{level}_conv1").kernel for level in (1, 2, 3, 4)}
    trained = {level: kernel.numpy() for level, kernel in kernels.items()}
    for title, score in told.items():
        for level, kernel in kernels.items():
            blind = title.endswith((f" {level}", "any skip"))
            kernel.assign(
                np.where(np.arange(kernel.shape[2])[:, None] < kernel.shape[2] // 2 * blind, 0, trained[level])
            )
        assert score["mean_iou"] == pytest.approx(evaluate(network, photos)["mean_iou"], abs=1e-3), title
    assert len({round(score["mean_iou"], 4) for score in told.values()}) == 5
