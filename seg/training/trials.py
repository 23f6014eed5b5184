"""Short training runs, each with one thing changed: what does it buy?

    python -m seg.training.trials                              downloads the data
    python -m seg.training.trials --data-dir DIR               DIR holds a prepared oxford_iiit_pet/4.*
    python -m seg.training.trials --two-by-two                 another set: which decoder, with which start?

All trials of a network train on the same few photos with the same short schedule
and are scored on the validation photos; the test split is not touched. Results
go to trials.json, one by one; a trial that is there already is not run again.
`seg.report` puts them into its tables: the twins without skip connections, and
what each other change bought. `seg.training.two_by_two` has what ``--two-by-two`` runs.
"""

import argparse
import functools
import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from seg.command_line import HelpFormatter, add_data_options, check_backend, path_argument, run_command
from seg.data.locks import locked
from seg.errors import UserError, writing
from seg.networks import NETWORKS, STRIDE, TITLES
from seg.networks.description import Experiment
from seg.training import two_by_two
from seg.training.places import try_to_write
from seg.training.results import read_results

# TensorFlow's log of its own start is of no use here.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

TRIALS = "trials.json"
IMAGE_SIZE = 64
# Cross-entropy alone, batches of 16: how the first of the shipped runs were trained.
BASELINE = "as it is"
WITHOUT_SKIPS = "without skip connections"


@dataclass(frozen=True)
class Trial:
    """One training run.

    Attributes:
        network: name in `seg.networks.NETWORKS`.
        change: what differs from the baseline, for people to read.
        seed: of initial weights, dropout, shuffling and augmentation.
        recipe: fields of `seg.training.recipe.Recipe` that differ.
        arguments: of the network's builder that differ.
        augmentation: fields of `seg.data.augmentation.Augmentation` that differ.
        image_size: of photos and masks, pixels, where it differs.
    """

    network: str
    change: str
    seed: int = 0
    recipe: dict = field(default_factory=dict)
    arguments: dict = field(default_factory=dict)
    augmentation: dict = field(default_factory=dict)
    image_size: int | None = None


def _experiments(network):
    yield Experiment(BASELINE, (0, 1))  # two seeds show how much chance moves a score
    if any(argument.name == "skips" for argument in network.arguments):
        yield Experiment(WITHOUT_SKIPS, (0, 1), arguments={"skips": False})
    yield from network.trials


TRIALS_TO_RUN = tuple(
    Trial(name, each.change, seed, each.recipe, each.arguments, each.augmentation, each.image_size)
    for name, network in NETWORKS.items()
    for each in _experiments(network)
    for seed in each.seeds
)


def main(arguments=None) -> int:
    """Runs ``python -m seg.training.trials``; returns its exit status."""
    return run_command(
        "seg.training.trials",
        lambda: _run_all(_parse_options(arguments)),
        stopped="the same command goes on with what is missing",
    )


def _parse_options(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m seg.training.trials",
        description="Runs the short trials that the report's tables show.",
        formatter_class=HelpFormatter,
    )
    add_data_options(parser)
    parser.add_argument("--output", type=path_argument, default="weights/report", help=f"folder for {TRIALS}")
    parser.add_argument(
        "--encoder-weights",
        type=path_argument,
        default="imagenet",
        metavar="imagenet|none|FILE",
        help="start of a VGG-16 encoder, see train.py",
    )
    parser.add_argument(
        "--image-size",
        type=int,
        help=f"height and width of the photos, pixels; a multiple of {STRIDE}; by default {IMAGE_SIZE},"
        f" {two_by_two.IMAGE_SIZE} with --two-by-two",
    )
    parser.add_argument(
        "--photos",
        type=int,
        help=f"training photos, evenly spread; by default {_each('photos')}, {two_by_two.PHOTOS:,} with --two-by-two",
    )
    parser.add_argument(
        "--epochs",
        type=int,
        help=f"passes over them; by default {_each('epochs')}, {two_by_two.EPOCHS} with --two-by-two",
    )
    parser.add_argument(
        "--only", nargs="+", metavar="WORD", help="only trials whose network or change contains one of these"
    )
    parser.add_argument(
        "--two-by-two",
        action="store_true",
        help="instead: FCN-8's decoder and U-Net's, each behind a VGG-16 from ImageNet and from random weights",
    )
    options = parser.parse_args(arguments)
    if options.image_size is None and not options.two_by_two:
        options.image_size = IMAGE_SIZE
    if options.two_by_two and options.only:
        parser.error("--only chooses among the trials; leave it out with --two-by-two.")
    if options.image_size is not None and (options.image_size < STRIDE or options.image_size % STRIDE):
        parser.error(f"--image-size must be a multiple of {STRIDE}.")
    if (options.photos is not None and options.photos < 16) or (options.epochs is not None and options.epochs < 1):
        parser.error("--photos must be at least 16 and --epochs at least 1.")
    if not _wanted(options):
        parser.error(
            f"--only: no trial has {' or '.join(options.only)} in its network or change, such as:"
            f" {', '.join(NETWORKS)}, skip, Dice."
        )
    return options


def _run_all(options):
    check_backend()
    for option, folder in (("--output", options.output), ("--work-dir", options.work_dir)):
        try_to_write(option, folder)
    if options.two_by_two:
        two_by_two.run_two_by_two(options)
    else:
        with locked(_checkpoint(options), "runs trials"):
            run_trials(options)


def run_trials(options) -> None:
    """Runs the trials that are not in ``options.output`` yet.

    Raises:
        UserError: data or encoder weights are missing, or results of other settings are there.
    """
    from seg.data.dataset import load_pets

    path = Path(options.output) / TRIALS
    given = {key: value for key, value in (("photos", options.photos), ("epochs", options.epochs)) if value is not None}
    wanted = _wanted(options)
    schedules = {trial.network: NETWORKS[trial.network].schedule | given for trial in wanted}
    settings = {"image_size": options.image_size, "schedules": schedules}
    results = read_trials(options.output) or {"settings": settings, "trials": []}
    before = results["settings"]["schedules"]
    if results["settings"]["image_size"] != options.image_size or any(
        before.get(name, schedule) != schedule for name, schedule in schedules.items()
    ):
        raise UserError(
            f"{path} holds trials of other settings ({results['settings']}); give the same, or delete it to start over."
        )
    load = functools.lru_cache(maxsize=1)(
        lambda size: load_pets(Path(options.work_dir) / "cache", size, options.data_dir)
    )

    results["settings"] = settings | {"schedules": before | schedules}
    done = {_key(result) for result in results["trials"]}
    for number, trial in enumerate(wanted, start=1):
        if _key(asdict(trial)) in done:
            continue
        print(
            f"Trial {number} of {len(wanted)}: {TITLES[trial.network]} {trial.change}, seed {trial.seed}.", flush=True
        )
        results["trials"].append(
            _run(trial, options, schedules[trial.network], load(trial.image_size or options.image_size))
        )
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(results, indent=1) + "\n")


def read_trials(folder) -> dict | None:
    """What ``trials.json`` holds, or None where there is none.

    Returns:
        ``{"settings": {"image_size", "schedules": {network: {"photos", "epochs"}}}, "trials": [{"network",
        "change", "seed", "pixel_accuracy", "mean_iou", "iou", "minutes", ...}]}``

    Raises:
        UserError: the file is damaged.
    """
    return read_results(Path(folder) / TRIALS, "python -m seg.training.trials")


def twins(results: dict) -> list[dict]:
    """Each network with and without skip connections, trained alike.

    Args:
        results: as `read_trials` returns them.

    Returns:
        ``[{"network", "skips": bool, "seed", "pixel_accuracy", "mean_iou"}]``.
    """
    return [
        {
            "network": trial["network"],
            "skips": trial["change"] == BASELINE,
            **{key: trial[key] for key in ("seed", "pixel_accuracy", "mean_iou")},
        }
        for trial in results["trials"]
        if trial["change"] in (BASELINE, WITHOUT_SKIPS)
    ]


def changes(results: dict) -> list[dict]:
    """What each change bought against the baseline of the same network and seed.

    Returns:
        ``[{"network", "change", "seed", "minutes", "pixel_accuracy", "mean_iou",
        "gained": {"pixel_accuracy", "mean_iou"}}]``, the baselines first, whose
        gains are those over seed 0: chance.
    """
    baselines = {(trial["network"], trial["seed"]): trial for trial in results["trials"] if trial["change"] == BASELINE}
    rows = []
    for trial in results["trials"]:
        baseline = baselines.get((trial["network"], 0 if trial["change"] == BASELINE else trial["seed"]))
        if trial["change"] == WITHOUT_SKIPS or baseline is None:
            continue
        scores = {key: trial[key] for key in ("pixel_accuracy", "mean_iou")}
        gained = {key: scores[key] - baseline[key] for key in scores}
        rows.append({key: trial[key] for key in ("network", "change", "seed", "minutes")} | scores | {"gained": gained})
    return rows


def train_briefly(recipe, pets, photos: int, checkpoint):
    """Trains a network on few photos.

    Args:
        recipe: `seg.training.recipe.Recipe`.
        pets: `seg.data.dataset.PetDataset`.
        photos: how many of the training photos, evenly spread.
        checkpoint: file for the unfinished run; one that was stopped starts over.

    Returns:
        The network with the weights of the epoch best on the validation photos,
        `seg.training.fit.Fitted`, and the minutes it took.
    """
    from seg.networks import build_network
    from seg.networks.weights import assign_tensors
    from seg.training.fit import fit_network

    every = max(1, len(pets.train) // photos)
    train = pets.train.subset(range(0, len(pets.train), every)[:photos])
    checkpoint.unlink(missing_ok=True)
    started = time.monotonic()
    fitted = fit_network(recipe, train, pets.validation, checkpoint, resume=False)
    minutes = (time.monotonic() - started) / 60
    checkpoint.unlink()
    network = build_network(recipe.network, recipe.arguments)
    assign_tensors(network, fitted.tensors, "the trained network")
    return network, fitted, minutes


def _key(result):
    return result["network"], result["change"], result["seed"]


def _wanted(options):
    return [
        trial
        for trial in TRIALS_TO_RUN
        if not options.only or any(word in f"{trial.network} {trial.change}" for word in options.only)
    ]


def _each(key):
    return ", ".join(f"{network.schedule[key]:,} for {network.title}" for network in NETWORKS.values())


def _run(trial, options, schedule, pets):
    import keras

    from seg.data.augmentation import Augmentation
    from seg.evaluation.evaluate import evaluate
    from seg.networks.compilation import fastest_precision
    from seg.training.options import BATCH_SIZE
    from seg.training.recipe import Recipe

    network = NETWORKS[trial.network]
    arguments = network.defaults | trial.arguments
    baseline = Recipe(
        network=trial.network,
        arguments=arguments,
        image_size=trial.image_size or options.image_size,
        epochs=schedule["epochs"],
        batch_size=BATCH_SIZE,
        learning_rate=network.peak_rate(arguments),
        encoder_weights=options.encoder_weights if network.has_vgg16(arguments) else None,
        precision=fastest_precision(),
        seed=trial.seed,
        augmentation=Augmentation(**trial.augmentation),
    )
    recipe = replace(baseline, **trial.recipe)
    network, _, minutes = train_briefly(recipe, pets, schedule["photos"], _checkpoint(options))
    score = evaluate(network, pets.validation)
    keras.utils.clear_session()
    return {
        **asdict(trial),
        "scored_photos": len(pets.validation),
        **{key: score[key] for key in ("pixel_accuracy", "mean_iou", "iou")},
        "minutes": round(minutes, 2),
    }


def _checkpoint(options):
    return Path(options.work_dir) / "checkpoints" / "trial.safetensors"


if __name__ == "__main__":
    raise SystemExit(main())
