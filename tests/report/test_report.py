"""The report of the contest, from a smoke run's weights."""

import hashlib
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from seg.evaluation.metrics import confusion_matrix, scores
from seg.evaluation.saved_report import forget_reports, read_gallery
from seg.images.geometry import scaled_logits
from seg.networks.unet import LEVELS
from seg.report.__main__ import main
from seg.report.compare import compare_networks, surer_and_closer
from seg.report.contest_in_words import headline, in_words, lead_in_words, surer_in_words
from seg.report.sizes import larger_copies
from seg.report.write import _metrics
from seg.training.trials import BASELINE, TRIALS, TRIALS_TO_RUN, WITHOUT_SKIPS
from seg.training.trials import main as run_trials

from repository import EXAMPLES

SCORED_AT = 48


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
        patch.setattr("seg.training.trials.TRIALS_TO_RUN", thin)
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
        "--scored-at",
        SCORED_AT,
    ]
    assert main([*map(str, arguments), "--native", str(native)]) == 0
    written = folder / "runs/report-first12"
    return written, json.loads((written / "report.json").read_text())


def confusions_at(smoke, prepared_dataset, name, size):
    """Of each test photo: what the app's own way to a class map makes of it at ``size``, against the truth there."""
    from seg.data.dataset import load_pets
    from seg.images.geometry import class_map_at
    from seg.inference.segmenter import Segmenter

    given, scored = (load_pets(smoke[0] / "runs/cache", s, prepared_dataset, limit=12).test for s in (32, size))
    segmenter = Segmenter(smoke[0] / "runs/first12" / name)
    logits = [segmenter.logits(given[i][0][np.newaxis])[0] for i in range(12)]
    return np.array([confusion_matrix(scored[i][1], class_map_at(logits[i], size, size)) for i in range(12)])


@pytest.mark.parametrize("name", ["fcn8", "unet"])
def test_each_network_gets_its_own_size_and_is_scored_at_one(smoke, prepared_dataset, report, name):
    numbers = report[1]["networks"][name]
    assert numbers["image_size"] == 32 and report[1]["scored_at"] == SCORED_AT
    expected = confusions_at(smoke, prepared_dataset, name, SCORED_AT)
    np.testing.assert_allclose(numbers["confusion_matrix"], expected.sum(0), atol=12)  # a pixel a photo may round off
    assert numbers["mean_iou"] == pytest.approx(scores(expected.sum(0))["mean_iou"], abs=0.002)
    published = confusions_at(smoke, prepared_dataset, name, 128)
    assert numbers["published_size"]["mean_iou"] == pytest.approx(scores(published.sum(0))["mean_iou"], abs=0.002)


def test_report_knows_the_very_weights(smoke, report):
    for name, numbers in report[1]["networks"].items():
        content = (smoke[0] / "runs/first12" / name / "model.safetensors").read_bytes()
        assert numbers["sha256"] == hashlib.sha256(content).hexdigest()


def test_training_makes_the_report(smoke):
    assert "Measuring both for the report" in smoke[2] and "Both networks, test photos: 12 of 12 photos" in smoke[2]


def test_contest_is_the_difference_of_the_numbers(report):
    networks, contest = report[1]["networks"], report[1]["contest"]
    first, second = contest["order"]
    gap = contest["mean_iou"]
    assert gap["difference"] == pytest.approx(networks[first]["mean_iou"] - networks[second]["mean_iou"])
    assert gap["low"] <= gap["difference"] <= gap["high"]
    assert sum(contest["wins"].values()) == pytest.approx(1)
    assert sum(group["photos"] for group in contest["species"].values()) == 12


def test_temperature_is_fitted_on_validation(smoke, prepared_dataset, report):
    from seg.data.dataset import load_pets
    from seg.evaluation.calibration import fit_temperature
    from seg.inference.segmenter import Segmenter

    given, scored = (
        load_pets(smoke[0] / "runs/cache", size, prepared_dataset, limit=12).validation for size in (32, SCORED_AT)
    )
    photos, masks = given.batch(range(len(given)))[0], scored.batch(range(len(scored)))[1]
    logits = [
        scaled_logits(each, SCORED_AT, SCORED_AT) for each in Segmenter(smoke[0] / "runs/first12/unet").logits(photos)
    ]
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
    from seg.inference.segmenter import Segmenter

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
    matrix = content["networks"]["unet"]["confusion_matrix"]
    assert f"| U-Net, outline | {100 * matrix[2][0] / sum(matrix[2]):.1f} | " in text
    for picture in ("most-different.jpg", "worst-fcn8.jpg", "worst-unet.jpg"):
        assert min(Image.open(folder / picture).size) > 100


def test_photos_of_the_gallery_are_saved_at_their_own_aspect_ratio_with_their_masks(report):
    folder, content = report
    photos = json.loads((folder / "gallery/photos.json").read_text())["photos"]
    worst = {photo["file_name"] for photos in content["contest"]["worst"].values() for photo in photos}
    assert worst <= {f"{photo['name']}.jpg" for photo in photos}
    for photo in photos:
        stem = folder / "gallery" / photo["name"]
        number = int(photo["name"].split("_")[1])
        width, height = 60 + number, 50 + 2 * number
        shrunk = SCORED_AT / max(width, height)  # all are larger than that
        size = Image.open(f"{stem}.photo.jpg").size
        assert max(size) == SCORED_AT and size == (round(width * shrunk), round(height * shrunk))
        truth = np.asarray(Image.open(f"{stem}.truth.png"))
        for network, mean_iou in photo["mean_iou"].items():
            seen = np.asarray(Image.open(f"{stem}.{network}.png"))
            assert scores(confusion_matrix(truth, seen))["mean_iou"] == pytest.approx(mean_iou, abs=0.05)
    assert len(list((folder / "gallery").iterdir())) == 4 * len(photos) + 1


def test_the_gallery_comes_into_a_report_that_is_there(smoke, prepared_dataset, trials, report, capsys):
    saved, weights = trials[0], trials[0].parent
    options = ["--weights", str(weights), "--data-dir", str(prepared_dataset), "--work-dir", str(smoke[0] / "runs")]
    before = (report[0] / "report.json").read_bytes()
    (saved / "report.json").write_bytes(before)
    assert main([*options, "--gallery-only"]) == 0
    assert (saved / "report.json").read_bytes() == before, "what was measured stays"
    kept = read_gallery(weights)
    assert kept["sha256"] == {name: numbers["sha256"] for name, numbers in report[1]["networks"].items()}
    assert all((saved / f"gallery/{photo['name']}.photo.jpg").is_file() for photo in kept["photos"])
    (saved / "report.json").write_text(before.decode().replace(kept["sha256"]["unet"], "of others"))
    forget_reports()
    assert main([*options, "--gallery-only"]) == 2
    assert "holds no report on these weights" in capsys.readouterr().err


def test_multiply_adds_by_hand():
    from seg.evaluation.complexity import multiply_adds
    from seg.networks import build_network

    # fc6 on 2 x 2 pixels, fc7, scores at strides 32, 16 and 8, and VGG-16's 13 layers.
    vgg16 = (
        64**2 * 9 * (3 * 64 + 64 * 64) + 32**2 * 9 * (64 * 128 + 128 * 128) + 16**2 * 9 * (128 * 256 + 2 * 256 * 256)
    )
    vgg16 += 8**2 * 9 * (256 * 512 + 2 * 512 * 512) + 4**2 * 9 * 3 * 512 * 512
    rest = 2**2 * (49 * 512 * 4 + 4 * 4 + 4 * 3) + 4**2 * 512 * 3 + 8**2 * 256 * 3
    upsampling = 2**2 * 16 * 9 + 4**2 * 16 * 9 + 8**2 * 256 * 9
    assert multiply_adds(build_network("fcn8", {"fc_filters": 4}), 64) == vgg16 + rest + upsampling


def test_missing_weights_are_one_sentence(tmp_path, capsys):
    assert main(["--weights", str(tmp_path), "--work-dir", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def contest_of(difference, low, high, spread=0.0):
    """A report with that lead of FCN-8, whose short trials with two seeds came so far apart."""
    rows = [{"network": "unet", "change": BASELINE, "mean_iou": 0.5 + moved} for moved in (0, spread)]
    gap = {"difference": difference, "low": low, "high": high}
    wins = {"first": 0.6, "second": 0.4}
    return {
        "photos": 100,
        "contest": {"order": ["fcn8", "unet"], "mean_iou": gap, "wins": wins},
        "trials": {"changes": rows},
    }


@pytest.mark.parametrize(
    "lead, said",
    [
        ((0.02, 0.015, 0.025), "FCN-8 is the better of these two trained networks"),
        ((-0.02, -0.025, -0.015), "U-Net is the better of these two trained networks"),
        ((-0.004, -0.006, -0.001), "In practice these two trained networks are level"),
        ((0.02, -0.01, 0.05), "In practice these two trained networks are level"),
        ((0.02, 0.015, 0.025, 0.03), "In practice these two trained networks are level"),
    ],
)
def test_headline_says_no_more_than_was_measured(lead, said):
    assert headline(contest_of(*lead)) == said


def test_verdict_tells_how_far_seeds_move_a_score():
    said = lead_in_words(contest_of(0.02, 0.015, 0.025, 0.007))
    assert "One training run of each was compared" in said and "0.007 (U-Net) mean IoU apart" in said
    assert "by how much was not measured" in lead_in_words(contest_of(0.02, 0.015, 0.025) | {"trials": {}})


def test_larger_copies_are_told_where_only_some_photos_have_them():
    report = contest_of(0.02, 0.015, 0.025)
    gap = {"difference": -0.03, "low": -0.04, "high": -0.02}
    report["contest"]["larger_copies"] = {"longer_than": 128, "photos": 60, "mean_iou": gap}
    told = "\n".join(in_words(report))
    assert "On the 60 photos that the data has at more than 128 pixels alone, FCN-8 less U-Net is -0.030" in told
    for photos in (0, 100):
        report["contest"]["larger_copies"] = {"longer_than": 128, "photos": photos, "mean_iou": None}
        assert "alone" not in "\n".join(in_words(report))


def test_larger_copies_are_found_by_the_photos_own_sizes():
    photos = SimpleNamespace(sizes=[(128, 128), (129, 40), (40, 129), (60, 128), (500, 375)])
    assert larger_copies(photos) == [1, 2, 4]


def test_surer_and_closer_of_each_network_by_itself():
    # First surer and closer, first surer and not closer, first surer by next to nothing, second surer and closer,
    # second surer where both are as close, nothing to differ about.
    disputed = np.array([[0.9, 0.7], [0.9, 0.7], [0.7, 0.69], [0.6, 0.7], [0.6, 0.7], [np.nan, np.nan]])
    ahead = np.array([0.1, -0.1, -0.1, -0.1, 0.0, 0.1])
    found = surer_and_closer(["fcn8", "unet"], disputed, ahead)
    assert found["networks"] == {"fcn8": {"photos": 2, "closer": 0.5}, "unet": {"photos": 1, "closer": 1.0}}
    nothing = surer_and_closer(["fcn8", "unet"], disputed[-1:], ahead[-1:])
    assert nothing["networks"]["unet"] == {"photos": 0, "closer": None}
    told = surer_in_words({"contest": {"surer": found}})
    assert "where that was FCN-8 (2 photos), it was the closer one to the truth on 50 %" in told
    assert surer_in_words({"contest": {"surer": nothing}}) is None


def test_worst_photos_are_those_with_the_lowest_score():
    right, wrong = np.diag([5, 5, 5]), np.array([[0, 5, 0], [5, 0, 0], [0, 0, 5]])
    first, second = np.array([right] * 11 + [wrong]), np.array([wrong] + [right] * 11)
    names = [f"{i}.jpg" for i in range(12)]
    photos = SimpleNamespace(file_names=names, breeds=["pug"] * 12, species=["dog"] * 12, sizes=[(300, 200)] * 12)
    contest = compare_networks({"fcn8": first, "unet": second}, np.full((12, 2), np.nan), photos)
    assert contest["worst"]["fcn8"][0]["file_name"] == "11.jpg" and contest["worst"]["unet"][0]["file_name"] == "0.jpg"
    assert {photo["index"] for photo in contest["most_different"][:2]} == {0, 11}


def test_metrics_become_those_of_the_contest():
    numbers = {"mean_iou": 0.5, "pixel_accuracy": 0.6, "mean_dice": 0.7, "iou": {}, "dice": {}, "confusion_matrix": []}
    report = {
        "split": "test",
        "limit": None,
        "photos": 9,
        "scored_at": 256,
        "networks": {"unet": numbers | {"cost": 1}},
    }
    assert _metrics(report, "unet") == {"split": "test", "limit": None, "photos": 9, "scored_at": 256, **numbers}
