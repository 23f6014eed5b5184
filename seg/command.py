"""The command line of ``train.py``: options in, trained weights out."""

import argparse
import csv
import io
import json
import os
import platform
import sys
from pathlib import Path

from seg.command_line import HelpFormatter, check_backend, check_folder, check_limit
from seg.errors import UserError
from seg.networks import (
    DEFAULT_ARGUMENTS,
    FCN8_LEAST_SIZE,
    LARGEST_IMAGE_SIZE,
    LARGEST_WIDTHS,
    STRIDE,
    TITLES,
    is_enlargeable,
)

# TensorFlow's log of its own start is of no use to who trains.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

EPOCHS = 30
BATCH_SIZE = 16
IMAGE_SIZE = 128
# Batch normalisation lets U-Net take larger steps.
LEARNING_RATES = {"fcn8": 3e-4, "unet": 1e-3}
WEIGHT_DECAY = 0.01
# What `seg.trials` found: the thin outline gains most.
DICE_WEIGHT = 1.0
EMA_MOMENTUM = 0.0


def parse_options(arguments=None) -> argparse.Namespace:
    """Reads the command line; exits with status 2 where it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="train.py",
        description="Trains FCN-8 and U-Net on the Oxford-IIIT Pet dataset and scores both on its test split.",
        formatter_class=HelpFormatter,
    )
    parser.add_argument(
        "--networks",
        nargs="+",
        choices=list(TITLES),
        default=list(TITLES),
        help="which to train; both, unless told otherwise",
    )
    parser.add_argument("--data-dir", help="folder with a prepared oxford_iiit_pet/4.*; without it TFDS downloads")
    parser.add_argument(
        "--image-size",
        type=int,
        default=IMAGE_SIZE,
        help=f"height and width of training photos, pixels; a multiple of {STRIDE}",
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="passes over the training photos")
    parser.add_argument("--batch-size", type=int, default=BATCH_SIZE, help="photos per step")
    parser.add_argument(
        "--learning-rate",
        type=float,
        help="peak; by default " + ", ".join(f"{rate} for {TITLES[name]}" for name, rate in LEARNING_RATES.items()),
    )
    parser.add_argument("--weight-decay", type=float, default=WEIGHT_DECAY, help="of AdamW, on kernels")
    parser.add_argument(
        "--encoder-weights",
        default="imagenet",
        metavar="imagenet|none|FILE",
        help="start of FCN-8's VGG-16: downloaded, random, or an .npz file with any of its layers",
    )
    parser.add_argument(
        "--start-weights",
        metavar="DIR",
        help="folder with trained networks of the same widths: train them on with a schedule of --epochs more, instead of anew",
    )
    parser.add_argument(
        "--fc-filters", type=int, default=DEFAULT_ARGUMENTS["fcn8"]["fc_filters"], help="width of FCN-8's fc6 and fc7"
    )
    parser.add_argument(
        "--enlarge",
        type=float,
        help=f"factor by which FCN-8 scales the photo up before its first convolution; by default to {FCN8_LEAST_SIZE} pixels, or not at all if it is larger",
    )
    parser.add_argument(
        "--base-filters",
        type=int,
        default=DEFAULT_ARGUMENTS["unet"]["base_filters"],
        help="width of U-Net's first level",
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "float32", "mixed_bfloat16"),
        default="auto",
        help="auto: bfloat16 where the processor is fast with it",
    )
    parser.add_argument(
        "--dice-weight",
        type=float,
        default=DICE_WEIGHT,
        help="of the Dice loss beside cross-entropy; 0 for cross-entropy alone",
    )
    parser.add_argument(
        "--ema-momentum",
        type=float,
        metavar="M",
        default=EMA_MOMENTUM,
        help="of the exponential moving average of the weights that is validated and kept; 0 keeps the weights themselves",
    )
    parser.add_argument("--seed", type=int, default=0, help="of initial weights, dropout, shuffling and augmentation")
    parser.add_argument("--output", help="folder for the results (default: weights, or runs/firstN with --limit N)")
    parser.add_argument("--work-dir", default="runs", help="folder for the cache of decoded photos and for checkpoints")
    parser.add_argument("--limit", type=int, metavar="N", help="smoke run: only the first N photos of each split")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on from the last finished epoch; a network without an unfinished run starts anew",
    )
    parser.add_argument(
        "--push-to",
        metavar="USER/REPO",
        help="model repository of the Hugging Face Hub for the trained weights; by default the environment's WEIGHTS_REPO",
    )
    parser.add_argument("--private", action="store_true", help="create that repository as a private one")
    parser.add_argument("--revision", default="main", help="branch of that repository, created where it does not exist")
    parser.add_argument("--push-only", action="store_true", help="push what is in --output, without training")
    options = parser.parse_args(arguments)

    for name in ("epochs", "batch_size"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1.")
    for name, largest in LARGEST_WIDTHS.items():
        if not 1 <= getattr(options, name) <= largest:
            parser.error(f"--{name.replace('_', '-')} must be 1 to {largest}.")
    if not STRIDE <= options.image_size <= LARGEST_IMAGE_SIZE or options.image_size % STRIDE:
        parser.error(f"--image-size must be a multiple of {STRIDE} up to {LARGEST_IMAGE_SIZE}, such as {IMAGE_SIZE}.")
    if options.enlarge is None:
        options.enlarge = max(1.0, FCN8_LEAST_SIZE / options.image_size)
    if "fcn8" in options.networks and not is_enlargeable(options.image_size, options.enlarge):
        parser.error(
            f"--enlarge times --image-size must be a multiple of {STRIDE}, from --image-size to {LARGEST_IMAGE_SIZE}; {options.enlarge:g} times {options.image_size} is not."
        )
    check_limit(parser, options.limit)
    check_folder(parser, "--start-weights", options.start_weights)
    if options.learning_rate is not None and not 0 < options.learning_rate < 1:
        parser.error("--learning-rate must be between 0 and 1.")
    for name in ("weight_decay", "dice_weight"):
        if not 0 <= getattr(options, name) < float("inf"):
            parser.error(f"--{name.replace('_', '-')} must be a number of 0 or more.")
    if not 0 <= options.ema_momentum < 1:
        parser.error("--ema-momentum must be at least 0 and less than 1, such as 0.99.")
    if not 0 <= options.seed < 2**32:
        parser.error("--seed must be a whole number of 0 to 4294967295.")
    if options.encoder_weights not in ("imagenet", "none") and not Path(options.encoder_weights).is_file():
        parser.error(
            f"--encoder-weights: there is no file {options.encoder_weights}; give imagenet, none or an .npz file."
        )
    if options.push_to is None:
        options.push_to = os.environ.get("WEIGHTS_REPO") or None
    elif options.limit is not None and not options.push_only:
        parser.error("--limit makes a smoke run, which is never published; leave out --push-to.")
    if options.push_to is not None:
        from seg.hub_client import check_repo_name

        try:
            check_repo_name(options.push_to)
        except UserError as error:
            parser.error(f"--push-to or WEIGHTS_REPO: {error}")
    elif options.push_only or options.private or options.revision != "main":
        parser.error(
            "--push-only, --private and --revision need --push-to USER/REPO, or WEIGHTS_REPO in the environment."
        )
    options.networks = [name for name in TITLES if name in options.networks]
    if options.output is None:
        options.output = "weights" if options.limit is None else str(Path(options.work_dir) / f"first{options.limit}")
    return options


def main(arguments=None) -> int:
    """Runs ``train.py``; returns its exit status."""
    options = parse_options(arguments)
    try:
        if options.push_only:
            push(options)
        else:
            check_backend()
            train(options)
    except UserError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        how = (
            "the same command starts over"
            if options.push_only
            else "go on from the last finished epoch with the same command and --resume"
        )
        print(f"\ntrain.py: stopped; {how}.", file=sys.stderr)
        return 130
    return 0


def train(options) -> None:
    """Fits, evaluates and saves the networks that the options name."""
    from seg.dataset import load_pets
    from seg.distribution import first_process_first, is_first_process, join_processes, wait_for_all
    from seg.hub_target import push_command
    from seg.training import check_resumable, fit_network
    from seg.weights import save_network_folder

    output, work_dir = Path(options.output), Path(options.work_dir)
    suffix = f"-first{options.limit}" if options.limit else ""
    checkpoints = {name: work_dir / "checkpoints" / f"{name}{suffix}.safetensors" for name in options.networks}
    starts = {name: _Start(options.start_weights, name) for name in options.networks} if options.start_weights else {}
    recipes = {name: _recipe(options, name, starts.get(name)) for name in options.networks}

    join_processes()
    # Whatever would stop the run is found before it costs anybody a night.
    _refuse_to_replace_full_run(options, output)
    for name, recipe in recipes.items():
        check_resumable(recipe, checkpoints[name], options.resume)
    if options.push_to and options.limit is None and is_first_process():
        _prepare_push(options)
    with first_process_first("photos decoded"):
        pets = load_pets(work_dir / "cache", options.image_size, options.data_dir, options.limit)

    results = {}
    for name, recipe in recipes.items():
        if options.resume and not checkpoints[name].exists():
            print(f"There is no unfinished run of {TITLES[name]} in {work_dir}: it starts anew.", flush=True)
        print(f"Training {TITLES[name]} on {len(pets.train)} photos, {recipe.precision}.", flush=True)
        start = starts.get(name)
        wait_for_all(f"checkpoint of {name} read")
        fitted = fit_network(
            recipe, pets.train, pets.validation, checkpoints[name], options.resume, start and start.tensors
        )
        if not is_first_process():
            continue
        print(f"Scoring {TITLES[name]} on {len(pets.test)} test photos.", flush=True)
        results[name] = _score(recipe, start.continued(fitted) if start else fitted, pets, start)
    wait_for_all("trained")
    if not is_first_process():
        return
    for name, (config, tensors, files) in results.items():
        save_network_folder(output / name, config, tensors, files)
    for path in checkpoints.values():
        path.unlink(missing_ok=True)
    for name, (_, _, files) in results.items():
        metrics = json.loads(files["metrics.json"])
        print(
            f"{TITLES[name]}: test pixel accuracy {metrics['pixel_accuracy']:.4f}, mean IoU {metrics['mean_iou']:.4f}, in {output / name}"
        )
    if options.limit is not None:
        print("This was a smoke run; such weights are never pushed to the Hub.")
    elif options.push_to:
        push(options)
    else:
        print(f"To publish them on the Hugging Face Hub: {push_command(output)}")


def push(options) -> None:
    """Publishes what the output folder holds."""
    from seg.hub_push import prepare_target, push_weights, read_publishable

    target = _target(options)
    read_publishable(options.output)
    if options.push_only:  # else checked before training
        prepare_target(target)
    print(f"Pushed: {push_weights(options.output, target)}")


def _prepare_push(options):
    from seg.hub_push import prepare_target, read_publishable

    # What lies beside the networks to train goes up with them.
    others = [name for name in TITLES if name not in options.networks and (Path(options.output) / name).is_dir()]
    if others:
        read_publishable(options.output, others)
    prepare_target(_target(options))


def _target(options):
    from seg.hub_target import Target

    return Target(options.push_to, options.private, options.revision)


def _refuse_to_replace_full_run(options, output):
    from seg.weights import CONFIG

    if options.limit is None:
        return
    for name in options.networks:
        try:
            training = json.loads((output / name / CONFIG).read_text())["training"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if not isinstance(training, dict) or training.get("limit") is None:
            raise UserError(
                f"{output / name} holds a full run, which a run with --limit does not replace; choose another --output."
            )


class _Start:
    """A trained network that is trained on."""

    def __init__(self, folder, name):
        from seg.networks import tensors_of
        from seg.weights import load_network, read_history

        folder = Path(folder) / name
        network, self.config = load_network(folder)
        self.tensors = tensors_of(network)
        self.history = read_history(folder)

    def continued(self, fitted):
        """The history and the best epoch counted from the very start."""
        from dataclasses import replace

        before = len(self.history)
        rows = [row | {"epoch": row["epoch"] + before} for row in fitted.history]
        layers = self.config["training"].get("pretrained_layers", [])
        return replace(
            fitted, history=self.history + rows, best_epoch=fitted.best_epoch + before, pretrained_layers=layers
        )


def _recipe(options, name, start):
    from seg.compilation import fastest_precision
    from seg.training import Recipe

    width = {"fcn8": "fc_filters", "unet": "base_filters"}[name]
    arguments = DEFAULT_ARGUMENTS[name] | {width: getattr(options, width)}
    if name == "fcn8":
        arguments["enlarge"] = options.enlarge
    if start is not None and start.config["arguments"][width] != arguments[width]:
        raise UserError(
            f"--start-weights: {TITLES[name]} there has {width} {start.config['arguments'][width]}, not {arguments[width]}; give the same widths."
        )
    return Recipe(
        network=name,
        arguments=arguments,
        image_size=options.image_size,
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.learning_rate or LEARNING_RATES[name],
        weight_decay=options.weight_decay,
        encoder_weights=options.encoder_weights if name == "fcn8" else None,
        precision=fastest_precision() if options.precision == "auto" else options.precision,
        seed=options.seed,
        limit=options.limit,
        dice_weight=options.dice_weight,
        ema_momentum=options.ema_momentum or None,
        epochs_before=len(start.history) if start is not None else 0,
    )


def _score(recipe, fitted, pets, start):
    """Config, weights and further files of a network, scored with the weights as stored."""
    import keras

    from seg.classes import CLASS_NAMES
    from seg.curves import draw_curves
    from seg.evaluation import evaluate
    from seg.networks import build_network
    from seg.samples import draw_samples
    from seg.training import describe
    from seg.weights import as_stored, assign_tensors

    network = build_network(recipe.network, recipe.arguments)
    assign_tensors(network, as_stored(fitted.tensors), "the trained network")
    metrics = {"split": "test", "limit": recipe.limit, **evaluate(network, pets.test)}
    config = {
        "network": recipe.network,
        "arguments": recipe.arguments,
        "image_size": recipe.image_size,
        "classes": list(CLASS_NAMES),
        "parameters": network.count_params(),
        "training": {
            **{
                key: value
                for key, value in describe(recipe).items()
                if key not in ("network", "arguments", "image_size")
            },
            "optimizer": "AdamW, linear warm-up, cosine decay",
            "loss": "cross-entropy" + (f" + {recipe.dice_weight:g} Dice" if recipe.dice_weight else ""),
            "pretrained_layers": fitted.pretrained_layers,
            "best_epoch": fitted.best_epoch,
            "before": start.config["training"] if start else None,
            "minutes": round(sum(row["seconds"] for row in fitted.history) / 60, 1),
            "dataset": pets.description,
            "versions": {
                "python": platform.python_version(),
                "keras": keras.__version__,
                "backend": keras.backend.backend(),
            },
        },
    }
    table = io.StringIO()
    writer = csv.DictWriter(table, fitted.history[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(fitted.history)
    files = {
        "metrics.json": (json.dumps(metrics, indent=2) + "\n").encode(),
        "history.csv": table.getvalue().encode(),
        "curves.png": draw_curves({TITLES[recipe.network]: fitted.history}),
        "samples.png": draw_samples(network, pets.test, TITLES[recipe.network]),
    }
    return config, fitted.tensors, files
