"""What makes one network better, its decoder or its start? Two decoders times two starts, all else alike.

    python -m seg.training.trials --two-by-two --data-dir DIR --encoder-weights FILE

FCN-8's decoder and U-Net's, each behind the same VGG-16 (FCN-8, and a U-Net as in
TernausNet, https://arxiv.org/abs/1801.05746), which starts from ImageNet or at
random; the pair from ImageNet without skip connections too. Photos, size, schedule,
loss, augmentation, optimiser, rate and dropout are those of every run. Scored on
the validation photos; the test split is not touched.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from seg.classes import NUM_CLASSES
from seg.errors import UserError, writing
from seg.evaluation.contest import RESAMPLES, mean_ious
from seg.evaluation.metrics import scores
from seg.networks import DEFAULT_PAIR, NETWORKS, TITLES
from seg.training.results import read_results

TWO_BY_TWO = "two-by-two.json"
STARTS = {"imagenet": "from ImageNet", "random": "at random"}
IMAGE_SIZE = 128
# 200 steps: what a random start can learn in so few. Longer runs narrow what the other start is worth.
PHOTOS = 1600
EPOCHS = 1
BATCH_SIZE = 8
# The encoder, which has no batch normalisation, sets the limit. FCN-8 trains well with
# 3e-4 and batches of 16; half the batch wants that over the square root of two with Adam
# (Malladi et al. 2022, https://arxiv.org/abs/2205.10287).
LEARNING_RATE = 2e-4
DICE_WEIGHT = 1.0
DROPOUT_RATE = 0.3
_FIRST, _SECOND = DEFAULT_PAIR
_SEEDS = (0, 1)
_BOOTSTRAP_SEED = 0


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes:
        decoder: network in `seg.networks.NETWORKS` whose decoder it is.
        start: of the encoder, key of `STARTS`.
        skips: whether the decoder gets more than the deepest features.
        seed: of initial weights, dropout, shuffling and augmentation.
    """

    decoder: str
    start: str
    skips: bool
    seed: int


RUNS = (
    *(Run(decoder, start, True, seed) for seed in _SEEDS for start in STARTS for decoder in DEFAULT_PAIR),
    *(Run(decoder, "imagenet", False, seed) for seed in _SEEDS for decoder in DEFAULT_PAIR),
)
"""In the order in which they are run: what an interrupted command has found is of use already."""


def run_two_by_two(options) -> None:
    """Runs what is not in ``options.output`` yet, one result written after the other.

    Several of these commands at once with the same folders share the runs between them.

    Args:
        options: of ``python -m seg.training.trials``: ``data_dir``, ``work_dir``, ``output``,
            ``encoder_weights``, and where not None ``image_size``, ``photos``, ``epochs``.

    Raises:
        UserError: data or encoder weights are missing, or results of other settings are there.
    """
    from seg.data.dataset import load_pets

    settings = {
        "image_size": options.image_size or IMAGE_SIZE,
        "photos": options.photos or PHOTOS,
        "epochs": options.epochs or EPOCHS,
        "batch_size": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "dice_weight": DICE_WEIGHT,
        "dropout_rate": DROPOUT_RATE,
        "widths": {
            argument.name: argument.default
            for name in DEFAULT_PAIR
            for argument in NETWORKS[name].arguments
            if argument.tensors
        },
    }
    locks = Path(options.work_dir) / "two-by-two"
    with writing(locks):
        locks.mkdir(parents=True, exist_ok=True)
    pets = load_pets(Path(options.work_dir) / "cache", settings["image_size"], options.data_dir)
    for number, run in enumerate(RUNS, start=1):
        # Not ours where another command holds the lock, which falls when its process ends.
        with suppress(Timeout), FileLock(locks / f"{number}.lock", timeout=0):
            if asdict(run) in map(_key, _results(options.output, settings)["runs"]):
                continue
            print(f"Run {number} of {len(RUNS)}: {_told_run(run)}, seed {run.seed}.", flush=True)
            result = _train(run, settings, options, pets, locks / f"{number}.safetensors")
            print(
                f"Run {number} of {len(RUNS)}: mean IoU {result['mean_iou']:.4f} in {result['minutes']:.1f} minutes.",
                flush=True,
            )
            with FileLock(locks / "results.lock"):
                results = _results(options.output, settings)
                results["runs"].append(result)
                _write(options.output, results)


def read_two_by_two(folder) -> dict | None:
    """What ``two-by-two.json`` holds, or None where there is none.

    Returns:
        ``{"settings": {"image_size", "photos", "epochs", "batch_size", "learning_rate", ...}, "runs": [{"decoder",
        "start", "skips", "seed", "pixel_accuracy", "mean_iou", "iou": {class: value}, "by_epoch": [mean IoU],
        "minutes", "confusions": one flat confusion matrix (9 numbers, rows are the truth) a validation photo}]}``

    Raises:
        UserError: the file is damaged.
    """
    return read_results(Path(folder) / TWO_BY_TWO, "python -m seg.training.trials --two-by-two")


def effects(results: dict) -> dict:
    """What start, decoder and skip connections are worth, in mean IoU.

    Each score is the mean over the seeds. Intervals are of 95 %, over the
    validation photos, which are drawn with replacement, the same for all runs
    (percentile bootstrap: Efron, Tibshirani, "An Introduction to the Bootstrap",
    1993, chapter 13); how far chance in training moves a score, its seeds show.

    Args:
        results: as `read_two_by_two` returns them.

    Returns:
        ``{"cells": [{"decoder", "start", "skips", **score}], "start": {decoder: effect}, "decoder": {start: effect},
        "interaction": effect, "skips": {decoder: effect}}``, where an effect is ``{"value", "low", "high",
        "by_seed": [value]}`` and so is a score, or None where runs are missing. ``start``: ImageNet less random.
        ``decoder``: U-Net's less FCN-8's. ``interaction``: what the start is worth to U-Net's decoder, less what
        it is worth to FCN-8's; 0 where start and decoder add up. ``skips``: with less without, from ImageNet.
    """
    samples = _samples(results)

    def combined(*terms):
        """The sum of cells (sign, decoder, start, skips) as an effect, over the seeds that all of them have."""
        seeds = [seed for seed in _SEEDS if all((*cell, seed) in samples for _, *cell in terms)]
        if not seeds:
            return None
        by_seed = np.array([sum(sign * samples[*cell, seed] for sign, *cell in terms) for seed in seeds])
        low, high = np.percentile(by_seed[:, 1:].mean(0), [2.5, 97.5])
        return {
            "value": float(by_seed[:, 0].mean()),
            "low": float(low),
            "high": float(high),
            "by_seed": by_seed[:, 0].tolist(),
        }

    kinds = list(dict.fromkeys((run.decoder, run.start, run.skips) for run in RUNS))
    found = [
        {"decoder": decoder, "start": start, "skips": skips, **score}
        for decoder, start, skips in kinds
        if (score := combined((1, decoder, start, skips))) is not None
    ]
    start = {name: [(1, name, "imagenet", True), (-1, name, "random", True)] for name in DEFAULT_PAIR}
    return {
        "cells": found,
        "start": {name: combined(*terms) for name, terms in start.items()},
        "decoder": {key: combined((1, _SECOND, key, True), (-1, _FIRST, key, True)) for key in STARTS},
        "interaction": combined(*start[_SECOND], *((-sign, *cell) for sign, *cell in start[_FIRST])),
        "skips": {name: combined((1, name, "imagenet", True), (-1, name, "imagenet", False)) for name in DEFAULT_PAIR},
    }


def is_certain(effect: dict) -> bool:
    """Whether an effect is more than chance: two seeds or more on the same side, and 0 outside the interval."""
    if len(effect["by_seed"]) < 2:
        return False
    sides = [(effect["low"], *effect["by_seed"]), [-value for value in (effect["high"], *effect["by_seed"])]]
    return any(min(side) > 0 for side in sides)


def two_by_two_verdict(results: dict) -> list[str]:
    """Three sentences: what the start is worth, what the decoder is worth, whether they add up.

    Args:
        results: as `read_two_by_two` returns them.

    Returns:
        The sentences; none where one of the four cells is missing.
    """
    found = effects(results)
    start, decoder, interaction = found["start"], found["decoder"], found["interaction"]
    if interaction is None:
        return []
    more = f"{abs(interaction['value']):.3f} mean IoU {'less' if interaction['value'] < 0 else 'more'}"
    apart = f"the start is worth {more} to {TITLES[_SECOND]}'s decoder than to {TITLES[_FIRST]}'s"
    if is_certain(interaction):
        together = f"The two do not simply add up: {apart} ({_seeds(interaction)})."
    elif len(interaction["by_seed"]) < 2:
        together = f"Whether the two add up, one seed cannot tell: {apart} ({_seeds(interaction)})."
    elif interaction["low"] <= 0 <= interaction["high"]:
        together = f"The two add up, as far as these runs can tell: {apart} ({_seeds(interaction)})."
    else:
        together = f"Whether the two add up stays open, since the seeds disagree: {apart} ({_seeds(interaction)})."
    return [
        (
            "With ImageNet's weights in the encoder instead of random ones,"
            f" {TITLES[_FIRST]}'s decoder {_told(start[_FIRST])}, and {TITLES[_SECOND]}'s {_told(start[_SECOND])}."
        ),
        (
            f"With {TITLES[_SECOND]}'s decoder instead of {TITLES[_FIRST]}'s,"
            f" the network that starts from ImageNet {_told(decoder['imagenet'])},"
            f" and the one that starts at random {_told(decoder['random'])}{_order(start, decoder)}."
        ),
        together,
    ]


def skips_verdict(results: dict) -> str | None:
    """One sentence on what the skip connections are worth, from ImageNet; None where runs are missing."""
    skips = effects(results)["skips"]
    if None in skips.values():
        return None
    told = f"{TITLES[_FIRST]}'s decoder {_told(skips[_FIRST])}, and {TITLES[_SECOND]}'s {_told(skips[_SECOND])}"
    return f"With its skip connections, {told}, both from ImageNet."


def _train(run, settings, options, pets, checkpoint):
    import keras

    from seg.evaluation.evaluate import confusions_over
    from seg.networks.compilation import fastest_precision
    from seg.training.recipe import Recipe
    from seg.training.trials import train_briefly

    network = NETWORKS[run.decoder]
    arguments = network.defaults | network.vgg16 | {"dropout_rate": settings["dropout_rate"], "skips": run.skips}
    recipe = Recipe(
        network=run.decoder,
        arguments=arguments,
        image_size=settings["image_size"],
        epochs=settings["epochs"],
        batch_size=settings["batch_size"],
        learning_rate=settings["learning_rate"],
        encoder_weights=options.encoder_weights if run.start == "imagenet" else "none",
        precision=fastest_precision(),
        seed=run.seed,
        dice_weight=settings["dice_weight"],
    )
    network, fitted, minutes = train_briefly(recipe, pets, settings["photos"], checkpoint)
    confusions = confusions_over(network, pets.validation)
    score = scores(confusions.sum(0))
    keras.utils.clear_session()
    return {
        **asdict(run),
        **{key: score[key] for key in ("pixel_accuracy", "mean_iou", "iou")},
        "by_epoch": [round(row["val_mean_iou"], 4) for row in fitted.history],
        "minutes": round(minutes, 2),
        "confusions": confusions.reshape(len(confusions), -1).tolist(),
    }


def _results(folder, settings):
    results = read_two_by_two(folder) or {"settings": settings, "runs": []}
    if results["settings"] != settings:
        raise UserError(
            f"{Path(folder) / TWO_BY_TWO} holds runs of other settings ({results['settings']}); give the same, or"
            " delete it to start over."
        )
    return results


def _write(folder, results):
    path = Path(folder) / TWO_BY_TWO
    order = {(run.decoder, run.start, run.skips, run.seed): place for place, run in enumerate(RUNS)}
    runs = sorted(results["runs"], key=lambda result: order[tuple(_key(result).values())])
    # One line a run: an indented number a line would be forty thousand of them.
    text = (
        f'{{"settings": {json.dumps(results["settings"])},\n"runs": [\n' + ",\n".join(map(json.dumps, runs)) + "\n]}\n"
    )
    partial = path.with_name(f".{path.name}.partial")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)


def _key(result):
    return {key: result[key] for key in ("decoder", "start", "skips", "seed")}


def _samples(results):
    """Mean IoU of each run by (decoder, start, skips, seed): as measured, then on each of the drawn sets of photos."""
    if not results["runs"]:
        return {}
    photos = len(results["runs"][0]["confusions"])
    draws = np.random.default_rng(_BOOTSTRAP_SEED).multinomial(photos, np.full(photos, 1 / photos), size=RESAMPLES)
    weights = np.concatenate([np.ones((1, photos)), draws])
    return {
        tuple(_key(run).values()): mean_ious(
            (weights @ np.array(run["confusions"], float)).reshape(-1, NUM_CLASSES, NUM_CLASSES)
        )
        for run in results["runs"]
    }


def _told_run(run):
    return f"{TITLES[run.decoder]}'s decoder, encoder {STARTS[run.start]}" + (
        "" if run.skips else ", without skip connections"
    )


def _order(start, decoder):
    """Which of the two is worth more, where every effect of one is larger than every effect of the other."""
    starts, decoders = ([abs(effect["value"]) for effect in pair.values()] for pair in (start, decoder))
    if max(decoders) < min(starts):
        return ", which is less than the start is worth"
    return ", which is more than the start is worth" if max(starts) < min(decoders) else ""


def _told(effect):
    gained = f"{abs(effect['value']):.3f} mean IoU ({_seeds(effect)})"
    if is_certain(effect) or len(effect["by_seed"]) < 2:
        return f"{'gains' if effect['value'] > 0 else 'loses'} {gained}"
    return f"{'gains' if effect['value'] > 0 else 'loses'} no more than chance could bring, {gained}"


def _seeds(effect):
    """What each seed said, and how far the photos leave it open."""
    seeds = " and ".join(f"{value:+.3f}" for value in effect["by_seed"])
    told = f"seeds {seeds}" if len(effect["by_seed"]) > 1 else "one seed"
    return f"{told}; 95 % interval over photos {effect['low']:+.3f} to {effect['high']:+.3f}"
