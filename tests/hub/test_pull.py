"""Pulling weights, against a Hub of our own that the real client speaks with.

Large files come from another host, as from the Hub's CDN. The way over Xet,
which the real Hub prefers, is not covered: its server is not to be had.
"""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hub_samples import config_of, contents, write_network, write_report

FAST = {"seg.hub.pull:ANSWER_SECONDS": 0.5}


@pytest.fixture
def pull(call, tmp_path):
    """``pull_weights`` of ``me/pets`` with the cache of this test."""

    def pull(*arguments, cache=None, **settings):
        settings.setdefault("patches", FAST)
        return call(
            "seg.hub.pull:pull_weights", *(arguments or ("me/pets",)), cache=cache or tmp_path / "cache", **settings
        )

    return pull


def fetched(outcome):
    """The `PulledWeights` as a dictionary."""
    assert outcome.error is None, outcome.text
    return outcome.value


def refused(outcome):
    """The one sentence of a pull that brought nothing."""
    assert outcome.error == "UserError", outcome.value
    assert re.fullmatch(r"[^\n]{20,700}\.", outcome.text), outcome.text
    assert "Traceback" not in outcome.output
    return outcome.text


def needed(folder):
    """What a pull fetches of a folder of weights."""
    return {path: content for path, content in contents(folder).items() if path.endswith((".json", ".safetensors"))}


def test_only_what_is_needed_at_one_commit(hub, pull, published, weights):
    hub.commit(
        "me/pets",
        {"unet/pytorch_model.bin": b"\x80\x04evil", "unet/extra.py": b"print('evil')", "fcn8/big.h5": b"x" * 10**6},
    )
    value = fetched(pull())
    assert value["commit"] == hub.repos["model", "me/pets"].branches["main"]
    assert (value["networks"], value["problems"], value["cache_reason"]) == (["fcn8", "unet"], {}, None)
    assert contents(value["folder"]) == needed(weights)
    files = {path.split("/")[-1] for method, path, _ in hub.requests if "/resolve/" in path}
    assert files == {"config.json", "model.safetensors", "metrics.json"}


def test_the_report_comes_along(hub, pull, published, weights):
    write_report(weights)
    hub.commit("me/pets", contents(weights))
    value = fetched(pull())
    assert contents(value["folder"]) == needed(weights) and "report/report.json" in needed(weights)


@pytest.mark.parametrize("kind", ["size", "damage"])
def test_a_report_that_cannot_be_had_is_done_without(hub, pull, published, weights, kind):
    write_report(weights, padding="x" * (2**20 if kind == "size" else 0))
    hub.commit("me/pets", contents(weights))
    if kind == "damage":
        hub.inject("GET", "/resolve/.*/report/report.json", "corrupt")
    value = fetched(pull())
    assert value["networks"] == ["fcn8", "unet"] and value["problems"] == {}
    assert "report/report.json" not in contents(value["folder"])


def test_a_second_pull_downloads_nothing(hub, pull, published):
    fetched(pull())
    hub.requests.clear()
    fetched(pull())
    assert [method for method, path, _ in hub.requests] == ["GET"]


def test_the_commit_is_pinned_while_somebody_pushes(hub, pull, published, weights):
    before = hub.repos["model", "me/pets"].branches["main"]

    def push_meanwhile(answer):
        hub.commit("me/pets", {"unet/config.json": b"{}"})
        return answer

    hub.inject("GET", "/revision/main", "metadata", change=push_meanwhile, times=1)
    value = fetched(pull())
    assert value["commit"] == before and contents(value["folder"]) == needed(weights)


@pytest.mark.parametrize("revision", ["v2", "commit", "feature/wide"])
def test_other_revisions(hub, pull, published, weights, revision):
    repo = hub.repos["model", "me/pets"]
    old = repo.branches["main"]
    if revision == "commit":
        revision = old
    else:
        repo.branches[revision] = old
    hub.commit("me/pets", {"unet/config.json": b"{}"})
    value = fetched(pull("me/pets", revision))
    assert value["commit"] == old and contents(value["folder"]) == needed(weights)
    hub.inject("GET", ".", "drop")
    again = fetched(pull("me/pets", revision))
    assert again["cache_reason"] and again["commit"] == old


def test_progress_is_in_the_log(hub, pull, published):
    hub.files("me/pets")["fcn8/model.safetensors"] = bytes(25_000_000)
    outcome = pull()
    told = re.findall(r"Fetching fcn8/model.safetensors: ([0-9.]+) of 25.0 MB", outcome.output)
    assert told == sorted(set(told), key=float), (outcome.output, outcome.text)
    assert len(told) >= 2 and float(told[0]) >= 10 and told[-1] == "25.0", (outcome.output, outcome.text)


def test_progress_over_xet_is_in_the_log(call):
    """The client's reporter alone: no bytes go over Xet here."""
    outcome = call(
        "client_calls:xet_progress", "fcn8/model.safetensors", 40_000_000, [1_000_000, 20_000_000, 40_000_000]
    )
    assert outcome.error is None
    assert re.findall(r"Fetching (.*)", outcome.output) == [
        "fcn8/model.safetensors: 20.0 of 40.0 MB",
        "fcn8/model.safetensors: 40.0 of 40.0 MB",
    ]


def test_a_private_repository_with_a_token(hub, pull, published):
    hub.repos["model", "me/pets"].private = True
    assert fetched(pull(token="hf_read"))["networks"] == ["fcn8", "unet"]


# A repository that is not as it should be.


@pytest.mark.parametrize("missing", ["fcn8/config.json", "fcn8/model.safetensors"])
def test_a_missing_network_is_a_problem_of_its_own(hub, pull, published, missing):
    del hub.files("me/pets")[missing]
    value = fetched(pull())
    assert value["networks"] == ["unet"] and missing in value["problems"]["fcn8"]
    assert not any("fcn8" in path for _, path, _ in hub.requests)


def test_scores_may_be_missing(hub, pull, published):
    del hub.files("me/pets")["fcn8/metrics.json"]
    assert fetched(pull())["networks"] == ["fcn8", "unet"]


def test_a_repository_of_something_else(hub, pull):
    hub.add("me/pets", {"model.safetensors": b"x", "config.json": b"{}"})
    assert "holds no weights that run here" in refused(pull())


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("fcn8/model.safetensors", 2**30 + 1),
        ("fcn8/config.json", 2**20 + 1),
        ("fcn8/metrics.json", 10**12),
        ("fcn8/config.json", None),
    ],
)
def test_absurd_sizes_are_not_downloaded(hub, pull, published, path, size):
    def grow(answer):
        for sibling in answer["siblings"]:
            if sibling["rfilename"] == path:
                sibling["size"] = size
        return answer

    hub.inject("GET", "/revision/main", "metadata", change=grow)
    value = fetched(pull())
    assert value["networks"] == ["unet"] and f"{path} would have {size} bytes" in value["problems"]["fcn8"]
    assert hub.counted("GET", "/resolve/.*/fcn8/") == 0


def test_a_file_larger_than_announced_is_stopped(hub, pull, published):
    hub.files("me/pets")["fcn8/config.json"] = b"x" * (3 * 2**20)

    def shrink(answer):
        for sibling in answer["siblings"]:
            if sibling["rfilename"] == "fcn8/config.json":
                sibling["size"] = 100
        return answer

    hub.inject("GET", "/revision/main", "metadata", change=shrink)
    value = fetched(pull())
    assert value["networks"] == ["unet"] and "larger than the Hub says" in value["problems"]["fcn8"]


def test_a_hub_that_names_no_commit(hub, pull, published):
    hub.inject("GET", "/revision/main", "metadata", change=lambda answer: answer | {"sha": "../../../etc"})
    assert "does not name a commit" in refused(pull())


@pytest.mark.parametrize(
    "siblings",
    [None, [], [{"rfilename": ["unet"]}], "unet", [{"rfilename": "unet/config.json", "size": "1", "blobId": 7}]],
    ids=str,
)
def test_a_hub_that_lists_nonsense(hub, pull, published, siblings):
    hub.inject("GET", "/revision/main", "metadata", change=lambda answer: answer | {"siblings": siblings})
    refused(pull())


def test_names_that_are_none(hub, pull):
    for name in ("pets", "../../etc/passwd", "me/pets/more", ""):
        assert "is named USER/REPO" in refused(pull(name))
    assert not hub.requests


# Who may not see it.


@pytest.mark.parametrize(
    ("change", "arguments", "token", "told"),
    [
        (lambda repo: setattr(repo, "private", True), ("me/pets",), None, "me/pets does not exist, or is private"),
        (lambda repo: setattr(repo, "gated", True), ("me/pets",), None, "me/pets is gated; accept its terms"),
        (lambda repo: None, ("me/none",), None, "me/none does not exist, or is private"),
        (lambda repo: None, ("me/none",), "hf_read", "me/none does not exist, or is private"),
        (lambda repo: None, ("me/pets", "v9"), None, "me/pets at v9 does not exist"),
        (
            lambda repo: setattr(repo, "private", True),
            ("me/pets",),
            "hf_wrong",
            "the token for the Hub is invalid or expired, and without it me/pets does not exist, or is private",
        ),
    ],
    ids=["private", "gated", "none", "none with a token", "no revision", "wrong token"],
)
def test_who_may_not_see_it_is_told(hub, pull, published, change, arguments, token, told):
    change(hub.repos["model", "me/pets"])
    assert told in refused(pull(*arguments, token=token))


@pytest.mark.parametrize("token", ["hf_wrong", "hf_wr\u00f6ng", "hf_\u200bread"])
def test_a_bad_token_does_not_hide_what_is_public(hub, pull, published, weights, token):
    outcome = pull(token=token)
    assert contents(fetched(outcome)["folder"]) == needed(weights)
    wrong = "is invalid or expired" if token.isascii() else "has a letter in it that no token has"
    assert outcome.value["token_problem"] == f"The token for the Hub {wrong}; me/pets was asked for without it."
    assert token not in outcome.output
    assert {sent for _, _, sent in hub.requests} <= {None, f"Bearer {token}"}


# Failures at the wire, with an empty cache and with a full one.

FAULTS = {
    "info 401": (("GET", "/api/models", "status"), {"status": 401}),
    "info 403": (("GET", "/api/models", "status"), {"status": 403}),
    "info 404": (("GET", "/api/models", "status"), {"status": 404}),
    "info 409": (("GET", "/api/models", "status"), {"status": 409}),
    "info 429": (("GET", "/api/models", "status"), {"status": 429, "headers": {"Retry-After": "3"}}),
    "info 500": (("GET", "/api/models", "status"), {"status": 500}),
    "info 503 page": (("GET", "/api/models", "status"), {"status": 503, "body": b"<html>Be right back</html>"}),
    "info drop": (("GET", "/api/models", "drop"), {}),
    "info cut": (("GET", "/api/models", "cut"), {}),
    "info stall": (("GET", "/api/models", "stall"), {}),
    "info stall amid": (("GET", "/api/models", "stall_body"), {}),
    "info not JSON": (
        ("GET", "/api/models", "metadata"),
        {"change": lambda _: b"<html>Log in to the hotel's network</html>"},
    ),
    "info not an object": (("GET", "/api/models", "metadata"), {"change": lambda _: []}),
    "file head 500": (("HEAD", "/resolve/", "status"), {"status": 500}),
    "file 403": (("GET", "/resolve/", "status"), {"status": 403}),
    "file 404": (("GET", "/resolve/", "status"), {"status": 404}),
    "file 500": (("GET", "/resolve/", "status"), {"status": 500}),
    "file drop": (("GET", "/resolve/", "drop"), {}),
    "weights 500": (("GET", "/storage/", "status"), {"status": 500}),
    "weights cut": (("GET", "/storage/", "drop"), {}),
    "weights stall": (("GET", "/storage/", "stall"), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_without_hub_the_cache_and_without_cache_a_sentence(hub, pull, published, weights, tmp_path, fault):
    cache = tmp_path / "full"
    old = fetched(pull(cache=cache))
    hub.commit(
        "me/pets",
        {f"{name}/{file}": b"newer" for name in ("fcn8", "unet") for file in ("config.json", "model.safetensors")},
    )
    where, settings = FAULTS[fault]
    hub.inject(*where, **settings)

    in_time = FAST | {"seg.hub.pull:TIMEOUT_SECONDS": 3}
    value = fetched(pull(cache=cache, patches=in_time))
    assert value["cache_reason"] and value["commit"] == old["commit"] and value["networks"] == ["fcn8", "unet"]
    assert re.fullmatch(r"The cached copy of me/pets is used: [^\n]{10,300}\.", value["cache_reason"])
    assert contents(value["folder"]) == needed(weights)

    nothing = pull(patches=in_time)
    assert "no usable copy of it is in the cache" in refused(nothing)
    assert nothing.seconds < 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["status", "drop", "cut", "stall_body", "short"])
@pytest.mark.parametrize("path", ["/storage/", "/resolve/.*/unet/config.json"])
def test_what_passes_is_tried_again(hub, pull, published, weights, kind, path):
    hub.inject("GET", path, kind, times=1)
    value = fetched(pull())
    assert not value["cache_reason"] and contents(value["folder"]) == needed(weights)


def test_an_interrupted_download_goes_on_where_it_stopped(hub, pull, published, weights):
    write_network(weights, "unet")
    hub.inject("GET", "/storage/", "cut", times=3)
    value = fetched(pull())
    assert contents(value["folder"]) == needed(weights)


@pytest.mark.parametrize("path", ["/resolve/.*/unet/config.json", "/resolve/.*/unet/metrics.json"])
@pytest.mark.parametrize("kind", ["corrupt", "short"])
def test_a_damaged_file_is_a_problem_of_one_network(hub, pull, published, tmp_path, kind, path):
    hub.inject("GET", path, kind)
    value = fetched(pull())
    assert value["networks"] == ["fcn8"] and "arrived damaged twice" in value["problems"]["unet"]
    hub.faults.clear()
    assert fetched(pull())["networks"] == ["fcn8", "unet"], "the damaged file stayed in the cache"


@pytest.mark.parametrize("kind", ["corrupt", "short"])
def test_damaged_weights(hub, pull, published, kind):
    hub.inject("GET", "/storage/", kind)
    assert "arrived damaged twice" in refused(pull())
    hub.faults.clear()
    assert fetched(pull())["networks"] == ["fcn8", "unet"], "the damaged file stayed in the cache"


def test_a_damaged_file_is_renewed_without_links(hub, pull, published, weights):
    no_links = FAST | {"huggingface_hub.constants:HF_HUB_DISABLE_SYMLINKS": True}
    for path in ("unet/model.safetensors", "fcn8/config.json"):
        folder = Path(fetched(pull(patches=no_links))["folder"])
        assert not (folder / path).is_symlink()
        (folder / path).write_bytes((folder / path).read_bytes()[:-1] + b"!")
        again = fetched(pull(patches=no_links))
        assert again["networks"] == ["fcn8", "unet"] and contents(folder) == needed(weights)


def test_a_hash_that_is_wrong_on_the_hub(hub, pull, published):
    def lie(answer):
        for sibling in answer["siblings"]:
            if sibling["rfilename"] == "unet/model.safetensors":
                sibling["lfs"]["sha256"] = "0" * 64
        return answer

    hub.inject("GET", "/revision/main", "metadata", change=lie)
    assert "unet/model.safetensors arrived damaged twice" in fetched(pull())["problems"]["unet"]


@pytest.mark.slow
def test_a_slow_hub_is_given_up(hub, pull, published):
    hub.inject("HEAD", "/resolve/", "stall")
    outcome = pull(patches=FAST | {"seg.hub.pull:TIMEOUT_SECONDS": 2})
    assert "took longer than 2 seconds" in refused(outcome) and outcome.seconds < 4


def test_one_network_in_time_is_better_than_none(hub, pull, published):
    hub.inject("GET", "/resolve/.*/unet/", "status", status=500)
    value = fetched(pull())
    assert value["networks"] == ["fcn8"] and not value["cache_reason"]
    assert "U-Net could not be fetched: the Hub is having trouble" in value["problems"]["unet"]


def test_the_cache_survives_a_pull_that_fails_midway(hub, pull, published):
    old = fetched(pull())
    hub.commit("me/pets", {"unet/model.safetensors": b"newer"})
    hub.inject("GET", "/storage/", "status", status=500)
    for _ in range(2):
        value = fetched(pull())
        assert value["cache_reason"] and value["commit"] == old["commit"]


def test_a_damaged_cache_is_not_used(hub, pull, published):
    value = fetched(pull())
    blob = Path(value["folder"], "unet", "model.safetensors").resolve()
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    hub.inject("GET", ".", "drop")
    again = fetched(pull())
    assert again["networks"] == ["fcn8"] and "damaged in the cached copy" in again["problems"]["unet"]
    hub.faults.clear()
    assert fetched(pull())["networks"] == ["fcn8", "unet"], "the Hub did not mend the cache"


@pytest.mark.parametrize("spoilt", ["refs/main", "snapshots"])
def test_an_unreadable_cache_hides_no_failure_of_the_hub(hub, pull, published, spoilt):
    folder = Path(fetched(pull())["folder"]).parents[1]
    if spoilt == "snapshots":
        shutil.rmtree(folder / spoilt)
    (folder / spoilt).write_bytes(b"\xff")
    hub.inject("GET", ".", "status", status=500)
    outcome = pull()
    assert outcome.error == "UserError" and "no usable copy of it is in the cache: the Hub is having" in outcome.text


def test_a_cached_file_may_be_stored_under_another_name(hub, pull, published):
    """As a mirror of the Hub may name it, of which nothing can be checked."""
    link = Path(fetched(pull())["folder"], "unet", "model.safetensors")
    link.resolve().rename(link.resolve().with_name("etag-7"))
    target = link.readlink().with_name("etag-7")
    link.unlink()
    link.symlink_to(target)
    hub.inject("GET", ".", "drop")
    assert fetched(pull())["networks"] == ["fcn8", "unet"]


def test_a_cached_file_may_lie_elsewhere(hub, pull, published, tmp_path):
    """As the client keeps what came over Xet: in a place that caches share, under another name."""
    blob = Path(fetched(pull())["folder"], "unet", "model.safetensors").resolve()
    blob.symlink_to(blob.rename(tmp_path / ("0" * 64)))
    hub.inject("GET", ".", "drop")
    assert fetched(pull())["networks"] == ["fcn8", "unet"]


def test_offline_uses_the_cache(hub, pull, published):
    fetched(pull())
    hub.requests.clear()
    value = fetched(pull(environment={"HF_HUB_OFFLINE": "1"}))
    assert value["cache_reason"] and "HF_HUB_OFFLINE" in value["cache_reason"] and not hub.requests


def test_a_cache_that_cannot_be_written(hub, pull, published, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert "the cache could not be written" in refused(pull(cache=tmp_path / "file" / "cache"))


# The whole way, with networks that run.


@pytest.mark.slow
def test_push_then_pull_on_a_fresh_machine_sees_the_same(hub, call, tmp_path):
    """Bit-identical masks of both networks, in other widths than ours and at another size."""
    trained = tmp_path / "trained"
    configs = {"fcn8": config_of("fcn8", 5) | {"image_size": 96}, "unet": config_of("unet", 3) | {"image_size": 96}}
    call("client_calls:train", trained, configs)
    pushed = call(
        "seg.training.command:main", ["--push-only", "--push-to", "me/pets", "--output", str(trained)], token="hf_write"
    )
    assert pushed.value == 0, pushed.output

    photo = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8).repeat(2, 0)).save(photo)
    pulled = call("client_calls:pull_and_segment", "me/pets", photo, tmp_path / "masks", cache=tmp_path / "fresh")
    assert pulled.error is None, pulled.text
    here = call("client_calls:segment", trained, photo, tmp_path / "here")
    assert here.error is None, here.text
    for name in ("fcn8", "unet"):
        theirs, ours = np.load(tmp_path / "masks" / f"{name}.npy"), np.load(tmp_path / "here" / f"{name}.npy")
        assert ours.shape == (180, 120) and len(np.unique(ours)) > 1
        np.testing.assert_array_equal(theirs, ours)
    assert contents(pulled.value["folder"]) == needed(trained)
    assert json.loads(Path(pulled.value["folder"], "unet", "config.json").read_text())["image_size"] == 96

    # The snippet of the card, run as it stands.
    card = hub.files("me/pets")["README.md"].decode()
    place = tmp_path / "reader"
    place.mkdir()
    Image.open(photo).save(place / "photo.jpg")
    snippet = re.search(r"```python\n(.*?)```", card, re.DOTALL)[1]
    ran = call("client_calls:run_snippet", snippet, folder=place, cache=tmp_path / "fresh2")
    assert ran.error is None, ran.text
    lines = [line for line in ran.output.splitlines() if line.startswith(("fcn8 [", "unet ["))]
    assert [line.split()[0] for line in lines] == ["fcn8", "unet"]
    for line in lines:
        assert sum(json.loads(line.split(" ", 1)[1])) == pytest.approx(1, abs=0.002)
