"""Functions that tests call in the client's process, where plain ones do not do."""


def prepare(target):
    from seg.hub.push import Target, prepare_target

    prepare_target(Target(**target))


def command(folder, target):
    from seg.hub.push import Target, push_command

    return push_command(folder, Target(**target) if target else None)


def stopped_push(folder, target):
    """A push during which Ctrl-C is pressed."""
    import seg.hub.push

    def press(*_):
        raise KeyboardInterrupt

    seg.hub.push.retrying = press
    return seg.hub.push.push_weights(folder, seg.hub.push.Target(**target))


def train_without_training(arguments, trained):
    """``train.py`` whose networks come, ready, from the folder ``trained``."""
    import json
    from pathlib import Path
    from types import SimpleNamespace

    from safetensors.numpy import load_file

    import seg.data.dataset
    import seg.networks.contract
    import seg.training.command
    import seg.training.fit
    import seg.training.scoring

    def score(recipe, *_):
        folder = Path(trained) / recipe.network
        files = {
            path.name: path.read_bytes() for path in folder.iterdir() if path.suffix not in (".safetensors", ".json")
        }
        files["metrics.json"] = (folder / "metrics.json").read_bytes()
        return json.loads((folder / "config.json").read_text()), load_file(folder / "model.safetensors"), files

    seg.data.dataset.load_pets = lambda *_: SimpleNamespace(
        train=[], validation=[], test=[], description={"sha256": "0"}
    )
    seg.networks.contract.check_contract = lambda *_: None  # builds what is not trained here
    seg.training.fit.fit_network = lambda *_: None
    seg.training.scoring.score = score
    return seg.training.command.main(arguments)


def train(folder, configs):
    """Saves networks with random weights as training does."""
    import json
    from pathlib import Path

    import keras

    from seg.networks import build_network, tensors_of
    from seg.networks.weights import save_network_folder

    from hub_samples import metrics_of

    keras.utils.set_random_seed(3)
    for name, config in configs.items():
        network = build_network(name, config["arguments"])
        for weight in network.weights:  # the score layers of FCN-8 start at zero and would see one class only
            if "score" in weight.path and "upscore" not in weight.path:
                weight.assign(keras.random.normal(weight.shape))
        save_network_folder(
            Path(folder) / name, config, tensors_of(network), {"metrics.json": json.dumps(metrics_of(name)).encode()}
        )


def segment(folder, photo, masks):
    """Writes the class map of each network for a photo."""
    from pathlib import Path

    import numpy as np
    from PIL import Image

    from seg.inference.segmenter import Segmenter

    Path(masks).mkdir()
    for name in ("fcn8", "unet"):
        np.save(Path(masks) / f"{name}.npy", Segmenter(Path(folder) / name).segment(Image.open(photo)))


def pull_and_segment(repo, photo, masks):
    from seg.hub.pull import pull_weights

    pulled = pull_weights(repo)
    segment(pulled.folder, photo, masks)
    return pulled


def run_snippet(snippet):
    exec(compile(snippet, "snippet of the card", "exec"), {"__name__": "__main__"})


def xet_progress(path, total, steps):
    """What the client does with our progress bar while it fetches over Xet."""
    import threading
    from types import SimpleNamespace

    from huggingface_hub.utils._xet_progress_reporting import XetDownloadProgressReporter

    from seg.hub.checked_file import watched_progress

    bar = watched_progress(path, threading.Event(), 2 * total)
    with XetDownloadProgressReporter(
        reconstruction_desc="file", total=total, log_level=30, name="huggingface_hub.xet_get", tqdm_class=bar
    ) as reporter:
        for done in steps:
            reporter.update_progress(
                SimpleNamespace(
                    total_bytes=total,
                    total_bytes_completed=done,
                    total_bytes_completion_rate=1e6,
                    total_transfer_bytes_completed=done,
                    total_transfer_bytes_completion_rate=1e6,
                )
            )


def xet_upload(sizes):
    """What the client shows while it uploads over Xet, a tenth of each file at a time."""
    from types import SimpleNamespace

    from seg.hub.logged_progress import logged_uploads

    with logged_uploads():
        from huggingface_hub.utils._xet_progress_reporting import XetUploadProgressReporter

        reporter = XetUploadProgressReporter()
        for tenth in range(11):
            total, done = sum(sizes), sum(sizes) * tenth // 10
            group = {"total_bytes": total, "total_bytes_completed": done, "total_bytes_completion_rate": 1e6}
            group |= {key.replace("total_bytes", "total_transfer_bytes"): value for key, value in group.items()}
            items = {
                number: SimpleNamespace(
                    item_name=f"file {number}", total_bytes=size, bytes_completed=size * tenth // 10
                )
                for number, size in enumerate(sizes)
            }
            reporter.update_progress(SimpleNamespace(**group), items)
        reporter.close()


def load(folder):
    """What each network of a folder is, and that it runs."""
    from pathlib import Path

    import numpy as np

    from seg.inference.segmenter import Segmenter

    loaded = {}
    for name in ("fcn8", "unet"):
        segmenter = Segmenter(Path(folder) / name)
        likely = segmenter.probabilities(np.zeros((50, 60, 3), np.uint8))
        loaded[name] = {
            "config": segmenter.config,
            "metrics": segmenter.metrics,
            "shape": likely.shape[:2],
            "certain": float(likely.max()),
        }
    return loaded


def pull_and_load(repo):
    from seg.hub.pull import pull_weights

    pulled = pull_weights(repo)
    return load(pulled.folder) | {"problems": pulled.problems}


def wait_at_a_terminal(seconds):
    import sys

    import seg.hub.client

    sys.stdout.isatty = lambda: True
    seg.hub.client._wait(seconds)


def fetch_as_the_app(repo, revision):
    """What the page says after the app, which has no weights of its own, fetched a repository."""
    from seg.ui.server.serving import Service

    service = Service("no weights here")
    service.fetch_from_hub(repo, revision).join()
    return service.notice
