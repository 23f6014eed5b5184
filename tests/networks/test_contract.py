"""A network that what comes after training could not run is found before it."""

import keras
import pytest
from keras import layers

from seg.classes import NUM_CLASSES
from seg.errors import UserError
from seg.networks import NETWORKS, Network
from seg.networks.contract import check_contract
from seg.training.command import main


def described(middle, classes=NUM_CLASSES, size=None):
    """A network that halves the photo and makes it whole again."""

    def build():
        photo = keras.Input((size, size, 3))
        x = layers.Conv2D(2, 3, strides=2, padding="same")(photo)
        return keras.Model(photo, layers.Conv2D(classes, 1)(middle(x)))

    return Network("tiny", "Tiny", "", "", "", "", "#000000", build)


@pytest.mark.parametrize(
    "network, told",
    [
        (described(layers.UpSampling2D(2, interpolation="bilinear")), "its layer UpSampling2D raises"),
        (described(layers.UpSampling2D(2), size=32), "photos of 64 x 64 pixels"),
        (described(layers.UpSampling2D(4)), "of shape (1, 128, 128, 3) instead of float32 logits of shape (1, 64, 64, 3)"),
        (described(layers.UpSampling2D(2), classes=7), "of shape (1, 64, 64, 7) instead of"),
    ],
    ids=["another size", "one size", "too large", "other classes"],
)  # fmt: skip
def test_what_could_not_be_scored_is_one_sentence(monkeypatch, network, told):
    monkeypatch.setitem(NETWORKS, "tiny", network)
    with pytest.raises(UserError) as refused:
        check_contract("tiny", {}, 32)
    said = str(refused.value)
    assert said.startswith("Tiny cannot be trained: ") and told in said and "\n" not in said and len(said) < 300


@pytest.mark.slow
def test_what_keeps_the_contract_is_let_through(monkeypatch):
    monkeypatch.setitem(NETWORKS, "tiny", described(layers.UpSampling2D(2)))
    check_contract("tiny", {}, 64)
    check_contract("unet", {"base_filters": 2}, 64)
    check_contract("fcn8", {"fc_filters": 2, "enlarge": 1.5}, 64)


def test_train_finds_it_before_it_decodes_a_photo(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(NETWORKS, "unet", described(layers.UpSampling2D(4)))
    monkeypatch.setattr("seg.data.dataset.load_pets", lambda *_: pytest.fail("photos were decoded"))
    assert main(["--networks", "unet", "--output", str(tmp_path / "out"), "--work-dir", str(tmp_path)]) == 2
    assert "train.py: Tiny cannot be trained" in capsys.readouterr().err
