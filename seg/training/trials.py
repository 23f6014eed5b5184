"""Short training runs, each with one thing changed: what does it buy?

    python -m seg.training.trials                              downloads the data
    python -m seg.training.trials --data-dir DIR               DIR holds a prepared oxford_iiit_pet/4.*
    python -m seg.training.trials --two-by-two                 another set: which decoder, with which start?

All trials of a network train on the same few photos with the same short schedule and are scored on the validation
photos; the test split is not touched. Results go to trials.json, one by one; a trial that is there already is not run
again. `seg.report` puts them into its tables. `seg.training.two_by_two` has what ``--two-by-two`` runs.
"""

import argparse
import functools
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from seg.command_line import HelpFormatter, add_data_options, check_backend, path_argument, run_command
from seg.data.locks import locked
from seg.errors import UserError
from seg.networks import NETWORKS, STRIDE, TITLES
from seg.networks.description import Experiment
from seg.training import two_by_two
from seg.training.places import try_to_write
from seg.training.results import read_results, write_results

TRIALS = "trials.json"
IMAGE_SIZE = 64
BASELINE = "as it is"
WITHOUT_SKIPS = "without skip connections"


@dataclass(frozen=True)
class Trial:
    """One training run: a `seg.networks.description.Experiment` on one network with one seed."""

    network: str
    change: str
    seed: int
    recipe: dict
    arguments: dict
    augmentation: dict
    image_size: int | None


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
    for option, told, usual in (
        ("--image-size", f"height and width of the photos, pixels; a multiple of {STRIDE}", str(IMAGE_SIZE)),
        ("--photos", "training photos, evenly spread", _each("photos")),
        ("--epochs", "passes over them", _each("epochs")),
    ):
        other = two_by_two.SETTINGS[option.lstrip("-").replace("-", "_")]
        parser.add_argument(option, type=int, help=f"{told}; by default {usual}, {other:,} with --two-by-two")
    parser.add_argument(
        "--only", nargs="+", metavar="WORD", help="only trials whose network or change contains one of these"
    )
    parser.add_argument(
        "--two-by-two",
        action="store_true",
        help="instead: FCN-8's decoder and U-Net's, each behind a VGG-16 from ImageNet and from random weights",
    )
    options = parser.parse_args(arguments)
    if options.two_by_two and options.only:
        parser.error("--only chooses among the trials; leave it out with --two-by-two.")
    if options.image_size is not None and (options.image_size < STRIDE or options.image_size % STRIDE):
        parser.error(f"--image-size must be a multiple of {STRIDE}.")
    if (options.photos is not None and options.photos < 16) or (options.epochs is not None and options.epochs < 1):
        parser.error("--photos must be at least 16 and --epochs at least 1.")
    if not _wanted(options.only):
        parser.error(
            f"--only: no trial has {' or '.join(options.only)} in its network or change, such as:"
            f" {', '.join(NETWORKS)}, skip, Dice."
        )
    return options


def _run_all(options):
    check_backend()
    for option, folder in (("--output", options.output), ("--work-dir", options.work_dir)):
        try_to_write(option, folder)
    checkpoint = Path(options.work_dir) / "checkpoints/trial.safetensors"
    settings = ("image_size", "photos", "epochs")
    given = {key: value for key, value in vars(options).items() if key in settings and value is not None}
    with locked(checkpoint, "runs trials"):
        (two_by_two.run_two_by_two if options.two_by_two else run_trials)(options, given, checkpoint)


def run_trials(options, given: dict, checkpoint: Path) -> None:
    """Runs the trials that are not in ``options.output`` yet.

    Args:
        options: of the command line.
        given: ``image_size``, ``photos``, ``epochs``, where they are not the usual ones.
        checkpoint: file for the unfinished run.

    Raises:
        UserError: data or encoder weights are missing, or results of other settings are there.
    """
    from seg.data.dataset import load_pets

    path = Path(options.output) / TRIALS
    wanted = _wanted(options.only)
    image_size = given.pop("image_size", IMAGE_SIZE)
    schedules = {trial.network: NETWORKS[trial.network].schedule | given for trial in wanted}
    settings = {"image_size": image_size, "schedules": schedules}
    results = read_trials(options.output) or {"settings": settings, "trials": []}
    before = results["settings"]
    if before["image_size"] != image_size or any(
        before["schedules"].get(name, schedule) != schedule for name, schedule in schedules.items()
    ):
        raise UserError(f"{path} holds trials of other settings ({before}); give the same, or delete it to start over.")
    results["settings"] = settings | {"schedules": before["schedules"] | schedules}
    load = functools.cache(lambda size: load_pets(Path(options.work_dir) / "cache", size, options.data_dir))
    done = {_key(result) for result in results["trials"]}
    for number, trial in enumerate(wanted, start=1):
        if _key(asdict(trial)) in done:
            continue
        print(
            f"Trial {number} of {len(wanted)}: {TITLES[trial.network]} {trial.change}, seed {trial.seed}.", flush=True
        )
        pets = load(trial.image_size or image_size)
        result = _train(trial, schedules[trial.network], options.encoder_weights, pets, checkpoint)
        results["trials"].append(result)
        write_results(path, json.dumps(results, indent=1) + "\n")


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


def _key(result):
    return result["network"], result["change"], result["seed"]


def _wanted(only):
    return [
        trial for trial in TRIALS_TO_RUN if not only or any(word in f"{trial.network} {trial.change}" for word in only)
    ]


def _each(key):
    return ", ".join(f"{network.schedule[key]:,} for {network.title}" for network in NETWORKS.values())


def _train(trial, schedule, encoder_weights, pets, checkpoint):
    from seg.data.augmentation import Augmentation
    from seg.training.brief_training import train_briefly

    network = NETWORKS[trial.network]
    arguments = network.defaults | trial.arguments
    # Cross-entropy alone, batches of 16: how the first of the shipped runs were trained.
    baseline = {
        "network": trial.network,
        "arguments": arguments,
        "epochs": schedule["epochs"],
        "batch_size": 16,
        "learning_rate": network.peak_rate(arguments),
        "encoder_weights": encoder_weights if network.has_vgg16(arguments) else None,
        "seed": trial.seed,
        "augmentation": Augmentation(**trial.augmentation),
    }
    score, _, _ = train_briefly(pets, schedule["photos"], checkpoint, **baseline | trial.recipe)
    return {**asdict(trial), "scored_photos": len(pets.validation), **score}


if __name__ == "__main__":
    raise SystemExit(main())
