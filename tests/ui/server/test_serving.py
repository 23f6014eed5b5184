"""The networks that the app runs, as its settings ask for them."""

import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest

import seg.hub.pull
from seg.ui.server.serving import FLIP_AVERAGED, Service
from seg.ui.weights_status import weights_status

from repository import save_tiny_networks

SMALL = {"fcn8": {"fc_filters": 4}, "unet": {"base_filters": 4}}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    keras.utils.set_random_seed(1)  # of some seeds FCN-8's few features are all zero, and all photos the same to it
    save_tiny_networks(folder, SMALL)
    return folder


def sees_both_ways_alike(service, photos):
    """By network: whether a mirrored photo has the mirrored logits."""
    there_and_back = {
        name: segmenter.logits(photos[:, :, ::-1])[:, :, ::-1] - segmenter.logits(photos)
        for name, segmenter in service.networks.segmenters.items()
    }
    assert set(there_and_back) == set(SMALL)
    return {bool(np.abs(difference).max() < 1e-4) for difference in there_and_back.values()}


@pytest.mark.slow
@pytest.mark.parametrize("flip_averaging", [False, True])
def test_flip_averaging_holds_for_bundled_and_fetched_weights(weights, tmp_path, rng, monkeypatch, flip_averaging):
    photos = rng.integers(0, 256, (1, 32, 32, 3), np.uint8)
    shutil.copytree(weights, tmp_path / "fetched")
    pulled = SimpleNamespace(
        folder=tmp_path / "fetched",
        commit="c" * 40,
        networks=list(SMALL),
        problems={},
        cache_reason=None,
        token_problem="The token is bad; some/weights was asked for without it.",
    )
    monkeypatch.setattr(seg.hub.pull, "pull_weights", lambda repo, revision: pulled)

    service = Service(weights, flip_averaging)
    bundled = service.networks
    assert sees_both_ways_alike(service, photos) == {flip_averaging}
    service.fetch_from_hub("some/weights", "main").join()
    assert service.networks is not bundled
    assert sees_both_ways_alike(service, photos) == {flip_averaging}
    assert (FLIP_AVERAGED in weights_status(service)) == flip_averaging
    assert f"<p role='alert'>⚠ {pulled.token_problem}</p>" in weights_status(service)
