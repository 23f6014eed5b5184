"""Functions that tests call in the client's process, where plain ones do not do."""


def prepare(target):
    from seg.hub_push import Target, prepare_target

    prepare_target(Target(**target))


def command(folder, target):
    from seg.hub_push import Target, push_command

    return push_command(folder, Target(**target) if target else None)


def stopped_push(folder, target):
    """A push during which Ctrl-C is pressed."""
    import seg.hub_push

    def press(*_):
        raise KeyboardInterrupt

    seg.hub_push.retrying = press
    return seg.hub_push.push_weights(folder, seg.hub_push.Target(**target))


def train_without_training(arguments, trained):
    """``train.py`` whose networks come, ready, from the folder ``trained``."""
    import json
    from pathlib import Path
    from types import SimpleNamespace

    from safetensors.numpy import load_file

    import seg.command
    import seg.dataset
    import seg.training

    def score(recipe, *_):
        folder = Path(trained) / recipe.network
        files = {
            path.name: path.read_bytes() for path in folder.iterdir() if path.suffix not in (".safetensors", ".json")
        }
        files["metrics.json"] = (folder / "metrics.json").read_bytes()
        return json.loads((folder / "config.json").read_text()), load_file(folder / "model.safetensors"), files

    seg.dataset.load_pets = lambda *_: SimpleNamespace(train=[], validation=[], test=[])
    seg.training.fit_network = lambda *_: None
    seg.command._score = score
    return seg.command.main(arguments)


def train(folder, configs):
    """Saves networks with random weights as training does."""
    import json
    from pathlib import Path

    import keras
    from hub_samples import metrics_of

    from seg.networks import build_network, tensors_of
    from seg.weights import save_network_folder

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

    from seg.inference import Segmenter

    Path(masks).mkdir()
    for name in ("fcn8", "unet"):
        np.save(Path(masks) / f"{name}.npy", Segmenter(Path(folder) / name).segment(Image.open(photo)))


def pull_and_segment(repo, photo, masks):
    from seg.hub_pull import pull_weights

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

    from seg.hub_pull import _watched_progress

    bar = _watched_progress(path, threading.Event(), 2 * total)
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
