"""How a network came about, as configs of today and of former versions tell it."""

import pytest

from seg.networks.stages import best_epoch, pretrained_layers, stages_of, total, training_sentence

LAYERS = ["block1_conv1", "block1_conv2"]
FIRST = {
    "epochs": 6, "batch_size": 16, "learning_rate": 0.00015, "weight_decay": 0.01, "encoder_weights": "vgg.npz",
    "precision": "float32", "seed": 0, "limit": None, "loss": "cross-entropy", "pretrained_layers": LAYERS, "best_epoch": 5,
    "minutes": 42.7,
}  # fmt: skip
SECOND = FIRST | {
    "epochs": 3, "encoder_weights": "imagenet", "epochs_before": 6, "dice_weight": 1.0, "loss": "cross-entropy + 1 Dice",
    "best_epoch": 9, "minutes": 66.5, "seed": 1, "before": FIRST,
}  # fmt: skip
THIRD = SECOND | {"epochs": 7, "epochs_before": 9, "best_epoch": 12, "minutes": 120.4, "seed": 2, "before": SECOND}
ARGUMENTS = {"fc_filters": 512, "dropout_rate": 0.5, "enlarge": 1.5}


def config(training):
    return {"network": "fcn8", "arguments": ARGUMENTS, "image_size": 128, "training": training}


@pytest.fixture
def stages():
    return stages_of(config(THIRD))


def test_each_run_has_numbers_of_its_own(stages):
    assert [stage["epochs"] for stage in stages] == [6, 3, 7]
    assert [stage["best_epoch"] for stage in stages] == [5, 3, 3]
    assert [stage["minutes"] for stage in stages] == [42.7, 23.8, 53.9]
    assert [stage["seed"] for stage in stages] == [0, 1, 2]
    assert not any(key in stage for stage in stages for key in ("before", "epochs_before"))


def test_only_the_first_run_read_an_encoder(stages):
    assert [stage["encoder_weights"] for stage in stages] == ["vgg.npz", None, None]
    assert [stage["start"] for stage in stages] == ["anew", "the former stage", "the former stage"]
    assert pretrained_layers(stages) == LAYERS


def test_size_of_former_runs_is_not_known(stages):
    assert [stage.get("image_size") for stage in stages] == [None, None, 128]
    assert stages[-1]["arguments"] == ARGUMENTS


def test_totals(stages):
    assert total(stages, "epochs") == 16 and total(stages, "minutes") == pytest.approx(120.4)
    assert best_epoch(stages) == 12
    assert total([*stages, {}], "epochs") is None and total([], "epochs") is None


def test_start_that_no_epoch_beat(stages):
    kept = stages[:1] + [stages[1] | {"best_epoch": 0}]
    assert best_epoch(kept) == 5
    assert best_epoch([stages[0] | {"best_epoch": 0}]) is None


def test_stages_of_today_are_what_they_are(stages):
    assert stages_of(config({"limit": None, "stages": stages})) == stages


def test_sentence(stages):
    assert training_sentence({"fcn8": stages, "unet": [{"epochs": 1, "minutes": 3}]}) == (
        "FCN-8 was trained for 16 epochs in 3 runs (120 minutes), U-Net was trained for 1 epoch (3 minutes)."
    )
    assert training_sentence({"fcn8": []}) == ""


@pytest.mark.parametrize(
    "training",
    [{}, None, [], {"limit": None}, {"stages": []}, {"stages": [1, "a", None]}],
    ids=str,
)
def test_configs_that_say_nothing(training):
    assert stages_of(config(training)) == []


@pytest.mark.parametrize(
    "training",
    [
        {"epochs": "many"},
        {"epochs": 3, "before": "?"},
        {"stages": [{"epochs": [3], "best_epoch": None}]},
        {"minutes": True},
    ],
    ids=str,
)
def test_configs_that_say_odd_things(training):
    stages = stages_of(config(training))
    assert len(stages) == 1 and best_epoch(stages) is None
    training_sentence({"fcn8": stages}), pretrained_layers(stages)


def test_a_chain_without_end_ends():
    training = {"epochs": 1}
    for _ in range(500):
        training = {"epochs": 1, "before": training}
    assert len(stages_of(config(training))) == 100
