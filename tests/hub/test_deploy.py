"""Deploying a clone to a Space, against a Hub of our own. The way over Xet is not covered."""

import re
import subprocess
import sys

import pytest
import yaml

from seg.hub.deploy import files_to_deploy

from hub_samples import ROOT, clean_environment, contents

README = """---
title: Two networks, one pet
emoji: 🐾
colorFrom: yellow
sdk: gradio
sdk_version: 6.31.0
python_version: "3.11"
app_file: app.py
short_description: What FCN-8 and U-Net see in your pet's photo
models: [somebody/else]
tags:
- image-segmentation
---

# Pets

![The page](.github/page.png) ![Elsewhere](https://example.org/a.png) ![Gone](gone.png) ![Outside](../outside.png)
[Run it](.github/RUN.md#fast) [Away](https://example.org/x.md) [Nowhere](gone.md) [Not a document](.env)

---
not: metadata
---
"""


@pytest.fixture
def clone(tmp_path):
    """A clone with what goes to a Space and much that does not."""
    clone = tmp_path / "clone"
    files = {
        "app.py": "print('app')",
        "train.py": "print('train')",
        "README.md": README,
        "requirements.txt": "gradio==6.31.0\n",
        "LICENSE": "MIT",
        "seg/__init__.py": "",
        "seg/ui/page.py": "",
        "seg/ui/examples/cat.jpg": "a photo",
        "weights/unet/config.json": "{}",
        "weights/unet/model.safetensors": "w" * 2000,
        # What stays here.
        "tests/test_app.py": "",
        "runs/cache/0.npy": "",
        ".env": "HF_TOKEN=secret",
        ".git/config": "",
        ".github/workflows/ci.yml": "",
        ".github/page.png": "an image that the README shows",
        ".github/other.png": "one that it does not",
        ".github/RUN.md": "[Speed](../tests/speed.md) [Back](../README.md) [Outside](../../outside.png)",
        ".github/OTHER.md": "a document that nothing links to",
        "tests/speed.md": "![Fast](fast.png)",
        "tests/fast.png": "a picture in a document that a document links to",
        "../outside.png": "",
        "notes.txt": "",
        "seg/__pycache__/app.pyc": "",
        "seg/ui/page.pyi": "",
        "seg/.DS_Store": "",
        "weights/.unet.partial/model.safetensors": "half",
        ".venv/lib/x.py": "",
    }
    for path, content in files.items():
        place = clone / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    return clone


GOING = {
    "app.py", "train.py", "README.md", "requirements.txt", "LICENSE", "seg/__init__.py", "seg/ui/page.py",
    "seg/ui/examples/cat.jpg", "weights/unet/config.json", "weights/unet/model.safetensors",
    ".github/page.png", ".github/RUN.md", "tests/speed.md", "tests/fast.png",
}  # fmt: skip


@pytest.fixture
def deploy(call, clone, hub):
    hub.add("me/pets")

    def deploy(*more, token="hf_write", **settings):
        arguments = ["me/space", "--weights-repo", "me/pets", "--clone", str(clone), *more]
        return call("seg.hub.deploy:main", arguments, token=token, **settings)

    return deploy


def sentence(outcome):
    assert outcome.value == 2 and "Traceback" not in outcome.output, outcome.output
    line = outcome.output.strip().splitlines()[-1]
    assert re.fullmatch(r"deploy: [^\n]{20,600}\.", line), outcome.output
    return line


@pytest.mark.slow
def test_the_space_is_what_the_clone_is(hub, deploy, clone):
    before = contents(clone)
    outcome = deploy()
    assert outcome.value == 0, outcome.output
    space = hub.repos["space", "me/space"]
    files = dict(hub.files("me/space", "space"))
    assert set(files) - {".gitattributes"} == GOING
    assert space.sdk == "gradio" and space.variables["WEIGHTS_REPO"]["value"] == "me/pets"
    assert len(space.commits) == 2
    for path in GOING - {"README.md"}:
        assert files[path] == before[path]
    assert contents(clone) == before


def test_the_readme_names_the_weights(hub, deploy):
    deploy()
    readme = hub.files("me/space", "space")["README.md"].decode()
    there, here = (yaml.safe_load(re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)[1]) for text in (readme, README))
    assert there.pop("models") == ["me/pets"] and here.pop("models")
    assert there.pop("thumbnail") == f"{hub.url}/spaces/me/space/resolve/main/.github/page.png"
    assert there == here and "🐾" in readme
    assert readme.split("\n---\n", 1)[1] == README.split("\n---\n", 1)[1]


def test_what_this_readme_links_to_goes_along():
    going = files_to_deploy(ROOT)
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text())
    assert len(linked) > 5
    assert {
        path for path in linked if not any(place == path or place.startswith(f"{path}/") for place in going)
    } == set()


def test_a_second_time_replaces_and_removes(hub, deploy, clone):
    deploy()
    (clone / "seg" / "ui" / "page.py").unlink()
    (clone / "app.py").write_text("print('new')")
    hub.commit("me/space", {"seg/old.py": b"", "mine.txt": b"kept"}, "space")
    outcome = deploy()
    assert outcome.value == 0, outcome.output
    files = hub.files("me/space", "space")
    assert set(files) - {".gitattributes"} == GOING - {"seg/ui/page.py"} | {"mine.txt"}
    assert files["app.py"] == b"print('new')"


def test_private_weights_need_a_secret(hub, deploy):
    hub.repos["model", "me/pets"].private = True
    outcome = deploy("--private")
    assert outcome.value == 0 and "give the Space a secret HF_TOKEN" in outcome.output
    assert hub.repos["space", "me/space"].private


def test_a_public_space_is_not_taken_for_a_private_one(hub, deploy):
    deploy()
    assert "exists and is public" in sentence(deploy("--private"))


def test_nothing_uploaded_is_secret(hub, deploy):
    deploy()
    assert not any(b"secret" in content for content in hub.files("me/space", "space").values())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda clone: (clone / "app.py").unlink(), "app.py missing"),
        (lambda clone: (clone / "README.md").write_text("# Pets"), "YAML block of a Gradio Space"),
        (lambda clone: (clone / "README.md").write_text("---\ntitle: [\n---\n"), "readable YAML block"),
        (
            lambda clone: (clone / "README.md").write_text("---\ntitle: a\nsdk: docker\n---\n"),
            "YAML block of a Gradio Space",
        ),
        (lambda clone: (clone / "weights/unet/model.safetensors").unlink(), "holds no weights"),
        (
            lambda clone: (clone / "weights/unet/model.safetensors").write_text("version https://git-lfs"),
            "too small to be weights",
        ),
    ],
    ids=["no app", "no block", "broken block", "not gradio", "no weights", "pointer"],
)
def test_a_clone_that_is_not_whole(hub, deploy, clone, change, told):
    change(clone)
    assert told in sentence(deploy())
    assert not hub.requests


def test_weights_that_are_not_there(hub, deploy):
    del hub.repos["model", "me/pets"]
    assert "push the weights first" in sentence(deploy())
    assert not hub.repos


@pytest.mark.parametrize("token", [None, "hf_wrong", "hf_read"])
def test_a_token_that_cannot(hub, deploy, token):
    sentence(deploy(token=token))
    assert ("space", "me/space") not in hub.repos


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/api/repos/create", 402, "wants a paid plan for me/space"),
        ("/variables", 403, "may not write to me/space"),
        ("/variables", 500, "is having trouble"),
        ("/commit/", 403, "may not write to me/space"),
        ("/commit/", 429, "limits how often"),
        ("/commit/", 500, "the same command starts over"),
    ],
)
def test_failures_at_the_wire(hub, deploy, path, status, told):
    hub.inject("POST", path, "status", status=status)
    assert told in sentence(deploy())
    space = hub.repos.get(("space", "me/space"))
    assert space is None or len(space.commits) == 1


def test_what_passes_is_tried_again(hub, deploy):
    hub.inject("POST", "/commit/", "lost", times=1)
    hub.inject("POST", "/variables", "status", status=503, times=1)
    assert deploy().value == 0
    assert len(hub.repos["space", "me/space"].commits) == 2


def test_names(call, clone):
    for arguments in (["space", "--weights-repo", "me/pets"], ["me/space", "--weights-repo", "pets"]):
        outcome = call("seg.hub.deploy:main", [*arguments, "--clone", str(clone)], token="hf_write")
        assert "is named USER/REPO" in sentence(outcome)
    outcome = call("seg.hub.deploy:main", ["me/space", "--clone", str(clone)])
    assert outcome.value == 2 and "say where the weights are" in outcome.output


def test_as_a_command_without_tensorflow(hub, clone, tmp_path):
    """``python -m seg.hub.deploy`` as a person types it; nothing heavy is imported for it."""
    hub.add("me/pets")
    environment = clean_environment(hub.url, tmp_path / "home") | {"HF_TOKEN": "hf_write", "WEIGHTS_REPO": "me/pets"}
    command = [sys.executable, "-X", "importtime", "-m", "seg.hub.deploy", "me/space", "--clone", str(clone)]
    ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"Deployed: http://127\.0\.0\.1:\d+/spaces/me/space\n", ran.stdout)
    assert not re.search(r"\b(tensorflow|keras)\b", ran.stderr)


def test_the_workflows():
    """They check, and deploy with this command; large files are never left to git."""
    folder = ROOT / ".github" / "workflows"
    runs = {}
    for path in folder.glob("*.yml"):
        workflow = yaml.safe_load(path.read_text())
        runs[path.name] = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
        assert "git push" not in path.read_text()
    assert runs["ci.yml"] == ["bash .ci/run"] == runs["deploy.yml"][:1]
    assert runs["deploy.yml"][-1].startswith("python -m seg.hub.deploy ")
    deploys = yaml.safe_load((folder / "deploy.yml").read_text())
    assert deploys[True]["push"] == {"tags": ["v*"]}  # YAML reads the key "on" as true
    attributes = ROOT / ".gitattributes"
    assert not attributes.is_file() or "filter=lfs" not in attributes.read_text()
