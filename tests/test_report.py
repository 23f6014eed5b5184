"""The report of the contest, from a smoke run's weights."""

import json
from dataclasses import replace

import numpy as np
import pytest
from repository import EXAMPLES
from PIL import Image

from seg.metrics import confusion_matrix, scores
from seg.networks.unet import LEVELS
from seg.report import Measured, _surer, headline, main
from seg.silencing import silenced_variants
from seg.trials import BASELINE, TRIALS, TRIALS_TO_RUN, WITHOUT_SKIPS
from seg.trials import main as run_trials


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    folder = tmp_path_factory.mktemp("native")
    for kind, ending in (("images", "jpg"), ("trimaps", "png")):
        (folder / kind).mkdir()
        for name in ("boxer_26", "Bengal_93", "keeshond_71"):
            (folder / kind / f"{name}.{ending}").write_bytes((EXAMPLES / f"{name}.{ending}").read_bytes())
    (folder / "splits.csv").write_text("image_id,split\nboxer_26,test\nBengal_93,test\nkeeshond_71,train\n")
    return folder


@pytest.fixture(scope="module")
def trials(smoke, prepared_dataset):
    """A thin U-Net with and without skips, on a few small photos; the folder of the results and the command's options."""
    folder = smoke[0] / "runs/first12/report"
    options = [
        "--data-dir",
        prepared_dataset,
        "--work-dir",
        smoke[0] / "runs",
        "--output",
        folder,
        "--encoder-weights",
        "none",
    ]
    options += ["--image-size", 32, "--photos", 16, "--epochs", 1]
    options = list(map(str, options))
    thin = [
        replace(t, arguments=t.arguments | {"base_filters": 2})
        for t in TRIALS_TO_RUN
        if t.network == "unet" and t.change in (BASELINE, WITHOUT_SKIPS)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seg.trials.TRIALS_TO_RUN", thin)
        assert run_trials(options) == 0
        yield folder, options


@pytest.fixture(scope="module")
def report(smoke, prepared_dataset, native, trials):
    folder = smoke[0]
    arguments = [
        "--weights",
        folder / "runs/first12",
        "--data-dir",
        prepared_dataset,
        "--work-dir",
        folder / "runs",
        "--limit",
        12,
    ]
    assert main([*map(str, arguments), "--native", str(native)]) == 0
    written = folder / "runs/report-first12"
    return written, json.loads((written / "report.json").read_text())


@pytest.mark.parametrize("name", ["fcn8", "unet"])
def test_numbers_are_those_of_training(smoke, report, name):
    metrics = json.loads((smoke[0] / "runs/first12" / name / "metrics.json").read_text())
    numbers = report[1]["networks"][name]
    assert numbers["confusion_matrix"] == metrics["confusion_matrix"]
    assert numbers["mean_iou"] == pytest.approx(scores(np.array(metrics["confusion_matrix"]))["mean_iou"])


def test_contest_is_the_difference_of_the_numbers(report):
    networks, contest = report[1]["networks"], report[1]["contest"]
    first, second = contest["order"]
    gap = contest["mean_iou"]
    assert gap["difference"] == pytest.approx(networks[first]["mean_iou"] - networks[second]["mean_iou"])
    assert gap["low"] <= gap["difference"] <= gap["high"]
    assert sum(contest["wins"].values()) == pytest.approx(1)
    assert sum(group["photos"] for group in contest["species"].values()) == 12


def test_temperature_is_fitted_on_validation(smoke, prepared_dataset, report):
    from seg.calibration import fit_temperature
    from seg.dataset import load_pets
    from seg.inference import Segmenter

    held_out = load_pets(smoke[0] / "runs/cache", 32, prepared_dataset, limit=12).validation
    photos, masks = held_out.batch(range(len(held_out)))
    logits = Segmenter(smoke[0] / "runs/first12/unet").logits(photos)
    assert report[1]["networks"]["unet"]["calibration"]["temperature"] == pytest.approx(
        fit_temperature(logits, masks), rel=0.01
    )


def test_twins_differ_in_their_skips_alone(trials, report):
    results = json.loads((trials[0] / TRIALS).read_text())
    assert [(trial["change"], trial["seed"], trial["arguments"]) for trial in results["trials"]] == [
        ("as it is", 0, {"base_filters": 2}), ("as it is", 1, {"base_filters": 2}),
        ("without skip connections", 0, {"skips": False, "base_filters": 2}),
        ("without skip connections", 1, {"skips": False, "base_filters": 2}),
    ]  # fmt: skip
    assert [(twin["skips"], twin["mean_iou"]) for twin in report[1]["twins"]] == [
        (trial["change"] == "as it is", trial["mean_iou"]) for trial in results["trials"]
    ]
    by_chance = report[1]["trials"]["changes"][1]
    first, second, *_ = results["trials"]
    assert by_chance["gained"]["mean_iou"] == pytest.approx(second["mean_iou"] - first["mean_iou"])


def test_finished_trials_are_not_run_again(trials, capsys):
    folder, options = trials
    before = (folder / TRIALS).read_bytes()
    assert run_trials(options) == 0 and "Trial" not in capsys.readouterr().out
    assert (folder / TRIALS).read_bytes() == before
    assert run_trials([*options, "--epochs", "2"]) == 2
    assert "trials of other settings" in capsys.readouterr().err


def test_new_trials_come_into_a_report_without_measuring(trials, report, capsys):
    saved = trials[0]
    for name in ("report.json", "report.md"):
        (saved / name).write_bytes((report[0] / name).read_bytes())
    results = json.loads((saved / TRIALS).read_text())
    results["trials"][0]["mean_iou"] = 0.9876
    (saved / TRIALS).write_text(json.dumps(results))
    assert main(["--weights", str(saved.parent), "--trials-only"]) == 0
    renewed = json.loads((saved / "report.json").read_text())
    assert renewed["twins"][0]["mean_iou"] == 0.9876 and "0.988" in (saved / "report.md").read_text()
    assert renewed["contest"] == report[1]["contest"]
    assert main(["--weights", str(saved), "--trials-only"]) == 2
    assert "holds no report" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "arguments", "told"),
    [
        (main, ["--limit", "0"], "--limit must be at least 10"),
        (main, ["--weights", "nowhere"], "--weights: there is no folder nowhere."),
        (run_trials, ["--only", "zzz"], "no trial has zzz"),
    ],
)
def test_options_that_make_no_sense(command, arguments, told, capsys):
    with pytest.raises(SystemExit) as ended:
        command(arguments)
    assert ended.value.code == 2 and told in capsys.readouterr().err


def test_flip_averaging_is_the_mean_of_both_views(smoke, rng):
    from seg.inference import Segmenter

    folder = smoke[0] / "runs/first12/unet"
    photos = rng.integers(0, 256, (2, 32, 32, 3), np.uint8)
    plain, averaged = Segmenter(folder), Segmenter(folder, flip_averaging=True)
    expected = (plain.logits(photos) + plain.logits(photos[:, :, ::-1])[:, :, ::-1]) / 2
    np.testing.assert_allclose(averaged.logits(photos), expected, atol=1e-5)
    np.testing.assert_allclose(averaged.logits(photos[:, :, ::-1]), averaged.logits(photos)[:, :, ::-1], atol=1e-5)


def test_silencing_nothing_is_the_whole_network(report):
    for numbers in report[1]["networks"].values():
        whole = next(iter(numbers["silenced_skips"].values()))
        assert whole["mean_iou"] == numbers["mean_iou"]
    assert len(report[1]["networks"]["unet"]["silenced_skips"]) == 2 + LEVELS
    assert list(report[1]["networks"]["fcn8"]["silenced_skips"])[1:] == [
        "FCN-16 (no pool3)",
        "FCN-32 (no pool3, no pool4)",
    ]


def test_native_photos_of_the_test_split_alone(report):
    assert report[1]["native"]["photos"] == 2
    for score in report[1]["native"]["networks"].values():
        gap = score["less_network_size"]
        assert gap["difference"] == pytest.approx(score["mean_iou"] - score["mean_iou_at_network_size"])


def test_tables_and_pictures(report):
    folder, content = report
    text = (folder / "report.md").read_text()
    for numbers in content["networks"].values():
        assert f"{numbers['pixel_accuracy']:.3f}" in text and f"{numbers['cost']['file_bytes'] / 2**20:.1f} MiB" in text
    for picture in (
        "curves.png",
        "confusion.png",
        "breeds.png",
        "most-different.jpg",
        "worst-fcn8.jpg",
        "worst-unet.jpg",
    ):
        assert min(Image.open(folder / picture).size) > 100


def test_most_different_photos_are_saved_with_their_masks(report):
    folder, content = report
    chosen = content["contest"]["most_different"]
    for photo in chosen:
        stem = folder / "most-different" / photo["file_name"].removesuffix(".jpg")
        assert Image.open(f"{stem}.photo.png").size == (32, 32)
        truth = np.asarray(Image.open(f"{stem}.truth.png"))
        for network, mean_iou in photo["mean_iou"].items():
            assert scores(confusion_matrix(truth, np.asarray(Image.open(f"{stem}.{network}.png"))))[
                "mean_iou"
            ] == pytest.approx(mean_iou)
    assert len(list((folder / "most-different").iterdir())) == 4 * len(chosen)


def test_multiply_adds_by_hand():
    from seg.complexity import multiply_adds
    from seg.networks import build_network

    # fc6 on 2 x 2 pixels, fc7, scores at strides 32, 16 and 8, and VGG-16's 13 layers.
    vgg16 = (
        64**2 * 9 * (3 * 64 + 64 * 64) + 32**2 * 9 * (64 * 128 + 128 * 128) + 16**2 * 9 * (128 * 256 + 2 * 256 * 256)
    )
    vgg16 += 8**2 * 9 * (256 * 512 + 2 * 512 * 512) + 4**2 * 9 * 3 * 512 * 512
    rest = 2**2 * (49 * 512 * 4 + 4 * 4 + 4 * 3) + 4**2 * 512 * 3 + 8**2 * 256 * 3
    upsampling = 2**2 * 16 * 9 + 4**2 * 16 * 9 + 8**2 * 256 * 9
    assert multiply_adds(build_network("fcn8", {"fc_filters": 4}), 64) == vgg16 + rest + upsampling


def test_silenced_skip_has_no_influence(rng):
    import keras
    from seg.networks import build_network, tensors_of
    from seg.weights import assign_tensors

    network = build_network("unet", {"base_filters": 2})
    silenced = silenced_variants("unet", tensors_of(network))["U-Net without skip 2"]
    assign_tensors(network, silenced, "test")
    photo = rng.integers(0, 256, (1, 32, 32, 3), np.uint8)
    before = network.predict_on_batch(photo)
    # The skip's own features, altered: whatever they are, the logits stay.
    layer = network.get_layer("decoder2_skip")
    after_skip = keras.Model(layer.output, network.get_layer("decoder2_relu2").output)
    joined = keras.Model(network.input, layer.output).predict_on_batch(photo)
    altered = joined.copy()
    altered[..., : joined.shape[-1] // 2] += 7
    np.testing.assert_allclose(after_skip.predict_on_batch(altered), after_skip.predict_on_batch(joined), atol=1e-5)
    assert before.shape == (1, 32, 32, 3)


def test_missing_weights_are_one_sentence(tmp_path, capsys):
    assert main(["--weights", str(tmp_path), "--work-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "difference, low, high, said",
    [
        (0.02, 0.015, 0.025, "FCN-8 is the better one"),
        (-0.02, -0.025, -0.015, "U-Net is the better one"),
        (-0.004, -0.006, -0.001, "In practice the two are level"),
        (0.02, -0.01, 0.05, "In practice the two are level"),
    ],
)
def test_headline(difference, low, high, said):
    assert (
        headline({"order": ["fcn8", "unet"], "mean_iou": {"difference": difference, "low": low, "high": high}}) == said
    )


def test_how_often_the_surer_network_is_the_closer_one(report):
    surer = report[1]["contest"]["surer"]
    assert 0 <= surer["photos"] <= 12 and (surer["closer"] is None) == (surer["photos"] == 0)


def test_the_surer_network_is_counted_where_it_is_clearly_so():
    maps = np.array([[[0, 0]], [[0, 0]], [[0, 0]]]), np.array([[[0, 1]], [[0, 1]], [[0, 0]]])
    first = np.array([[[0.9, 0.9]], [[0.9, 0.6]], [[0.9, 0.9]]])
    second = np.array([[[0.9, 0.8]], [[0.9, 0.59]], [[0.5, 0.5]]])  # a lead, next to none, and nothing to differ about
    measured = [Measured(None, [], *pair) for pair in zip(maps, (first, second))]
    assert _surer(measured, np.array([0.1, 0.1, 0.1])) == {"least_lead": 0.02, "photos": 1, "closer": 1.0}
    assert _surer(measured, np.array([-0.1, 0.1, 0.1]))["closer"] == 0.0
