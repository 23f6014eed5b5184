"""What makes one network better, its decoder or its start? Two decoders times two starts, all else alike.

    python -m seg.training.trials --two-by-two --data-dir DIR --encoder-weights FILE

FCN-8's decoder and U-Net's, each behind the same VGG-16 (FCN-8, and a U-Net as in
TernausNet, https://arxiv.org/abs/1801.05746), which starts from ImageNet or at
random; the pair from ImageNet without skip connections too. Photos, size, schedule,
loss, augmentation, optimiser, rate and dropout are those of every run. Scored on
the validation photos; the test split is not touched.
"""

import functools
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seg.classes import NUM_CLASSES
from seg.errors import UserError
from seg.evaluation.contest import RESAMPLES, mean_ious
from seg.networks import DEFAULT_PAIR, NETWORKS, TITLES
from seg.training.results import read_results, write_results

TWO_BY_TWO = "two-by-two.json"
STARTS = {"imagenet": "from ImageNet", "random": "at random"}
SETTINGS = {
    "image_size": 128,
    # 200 steps: what a random start can learn in so few. Longer runs narrow what the other start is worth.
    "photos": 1600,
    "epochs": 1,
    "batch_size": 8,
    # The encoder, which has no batch normalisation, sets the limit. FCN-8 trains well with
    # 3e-4 and batches of 16; half the batch wants that over the square root of two with Adam
    # (Malladi et al. 2022, https://arxiv.org/abs/2205.10287).
    "learning_rate": 2e-4,
    "dice_weight": 1.0,
    "dropout_rate": 0.3,
    "widths": {
        argument.name: argument.default
        for name in DEFAULT_PAIR
        for argument in NETWORKS[name].arguments
        if argument.tensors
    },
}
"""Of every run, unless the command line says otherwise."""
_FIRST, _SECOND = DEFAULT_PAIR
_SEEDS = (0, 1)


class Run(NamedTuple):
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


def run_two_by_two(options, given: dict, checkpoint: Path) -> None:
    """Runs what is not in ``options.output`` yet, one result written after the other.

    Args:
        options: of ``python -m seg.training.trials``: ``data_dir``, ``work_dir``, ``output``, ``encoder_weights``.
        given: settings other than `SETTINGS`.
        checkpoint: file for the unfinished run.

    Raises:
        UserError: data or encoder weights are missing, or results of other settings are there.
    """
    from seg.data.dataset import load_pets

    settings = SETTINGS | given
    path = Path(options.output) / TWO_BY_TWO
    results = read_two_by_two(options.output) or {"settings": settings, "runs": []}
    if results["settings"] != settings:
        raise UserError(
            f"{path} holds runs of other settings ({results['settings']}); give the same, or delete it to start over."
        )
    done = set(map(_run_of, results["runs"]))
    pets = load_pets(Path(options.work_dir) / "cache", settings["image_size"], options.data_dir)
    for number, run in enumerate(RUNS, start=1):
        if run in done:
            continue
        skips = "" if run.skips else ", without skip connections"
        told = f"{TITLES[run.decoder]}'s decoder, encoder {STARTS[run.start]}{skips}"
        print(f"Run {number} of {len(RUNS)}: {told}, seed {run.seed}.", flush=True)
        result = _train(run, settings, options.encoder_weights, pets, checkpoint)
        print(
            f"Run {number} of {len(RUNS)}: mean IoU {result['mean_iou']:.4f} in {result['minutes']:.1f} minutes.",
            flush=True,
        )
        results["runs"].append(result)
        # One line a run: an indented number a line would be forty thousand of them.
        runs = ",\n".join(map(json.dumps, results["runs"]))
        write_results(path, f'{{"settings": {json.dumps(settings)},\n"runs": [\n{runs}\n]}}\n')


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
    cells = _cells(results)
    start = {name: cells[name, "imagenet", True] - cells[name, "random", True] for name in DEFAULT_PAIR}
    return {
        "cells": [
            {**dict(zip(Run._fields, cell)), **score}
            for cell, scores in cells.items()
            if (score := _effect(scores)) is not None
        ],
        "start": {name: _effect(gained) for name, gained in start.items()},
        "decoder": {key: _effect(cells[_SECOND, key, True] - cells[_FIRST, key, True]) for key in STARTS},
        "interaction": _effect(start[_SECOND] - start[_FIRST]),
        "skips": {
            name: _effect(cells[name, "imagenet", True] - cells[name, "imagenet", False]) for name in DEFAULT_PAIR
        },
    }


def is_certain(effect: dict) -> bool:
    """Whether an effect is more than chance: two seeds or more on the same side, and 0 outside the interval."""
    values = (effect["low"], effect["high"], *effect["by_seed"])
    return len(effect["by_seed"]) > 1 and (min(values) > 0 or max(values) < 0)


def two_by_two_verdict(found: dict) -> list[str]:
    """Three sentences: what the start is worth, what the decoder is worth, whether they add up.

    Args:
        found: as `effects` returns it.

    Returns:
        The sentences; none where one of the four cells is missing.
    """
    start, decoder, interaction = found["start"], found["decoder"], found["interaction"]
    if interaction is None:
        return []
    if is_certain(interaction):
        sum_up = "The two do not simply add up"
    elif len(interaction["by_seed"]) < 2:
        sum_up = "Whether the two add up, one seed cannot tell"
    elif interaction["low"] <= 0 <= interaction["high"]:
        sum_up = "The two add up, as far as these runs can tell"
    else:
        sum_up = "Whether the two add up stays open, since the seeds disagree"
    more = f"{abs(interaction['value']):.3f} mean IoU {'less' if interaction['value'] < 0 else 'more'}"
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
        (
            f"{sum_up}: the start is worth {more} to {TITLES[_SECOND]}'s decoder than to {TITLES[_FIRST]}'s"
            f" ({_seeds(interaction)})."
        ),
    ]


def skips_verdict(found: dict) -> list[str]:
    """One sentence on what the skip connections are worth, from ImageNet; none where runs are missing.

    Args:
        found: as `effects` returns it.
    """
    first, second = (found["skips"][name] for name in DEFAULT_PAIR)
    if first is None or second is None:
        return []
    told = f"{TITLES[_FIRST]}'s decoder {_told(first)}, and {TITLES[_SECOND]}'s {_told(second)}"
    return [f"With its skip connections, {told}, both from ImageNet."]


def _train(run, settings, encoder_weights, pets, checkpoint):
    from seg.training.brief_training import train_briefly

    network = NETWORKS[run.decoder]
    score, confusions, history = train_briefly(
        pets,
        settings["photos"],
        checkpoint,
        network=run.decoder,
        arguments=network.defaults | network.vgg16 | {"dropout_rate": settings["dropout_rate"], "skips": run.skips},
        encoder_weights=encoder_weights if run.start == "imagenet" else "none",
        seed=run.seed,
        **{key: settings[key] for key in ("epochs", "batch_size", "learning_rate", "dice_weight")},
    )
    return {
        **run._asdict(),
        **score,
        "by_epoch": [round(row["val_mean_iou"], 4) for row in history],
        "confusions": confusions.reshape(len(confusions), -1).tolist(),
    }


def _run_of(result):
    return Run(*(result[key] for key in Run._fields))


def _cells(results):
    """Mean IoU by (decoder, start, skips), each (seeds, 1 + resamples); NaN where a run is missing."""
    cells = {run[:3]: np.full((len(_SEEDS), 1 + RESAMPLES), np.nan) for run in RUNS}
    for result in results["runs"]:
        if (run := _run_of(result)) not in RUNS:  # of a version with other runs
            continue
        *cell, seed = run
        confusions = np.array(result["confusions"], float)
        pooled = (_weights(len(confusions)) @ confusions).reshape(-1, NUM_CLASSES, NUM_CLASSES)
        cells[tuple(cell)][_SEEDS.index(seed)] = mean_ious(pooled)
    return cells


@functools.cache
def _weights(photos):
    """How often each photo counts, (1 + resamples, photos): once, then as often as it is drawn."""
    draws = np.random.default_rng(0).multinomial(photos, np.full(photos, 1 / photos), size=RESAMPLES)
    return np.concatenate([np.ones((1, photos)), draws])


def _effect(scores):
    """Scores (seeds, 1 + resamples), as measured and resampled, as an effect; None where no seed has all."""
    scores = scores[~np.isnan(scores[:, 0])]
    if not len(scores):
        return None
    measured, (low, high) = scores[:, 0], np.percentile(scores[:, 1:].mean(0), [2.5, 97.5])
    return {"value": float(measured.mean()), "low": float(low), "high": float(high), "by_seed": measured.tolist()}


def _order(start, decoder):
    """Which of the two is worth more, where every effect of one is larger than every effect of the other."""
    starts, decoders = ([abs(effect["value"]) for effect in pair.values()] for pair in (start, decoder))
    if max(decoders) < min(starts):
        return ", which is less than the start is worth"
    return ", which is more than the start is worth" if max(starts) < min(decoders) else ""


def _told(effect):
    chance = "" if is_certain(effect) or len(effect["by_seed"]) < 2 else "no more than chance could bring, "
    return (
        f"{'gains' if effect['value'] > 0 else 'loses'} {chance}{abs(effect['value']):.3f} mean IoU ({_seeds(effect)})"
    )


def _seeds(effect):
    """What each seed said, and how far the photos leave it open."""
    seeds = " and ".join(f"{value:+.3f}" for value in effect["by_seed"])
    told = f"seeds {seeds}" if len(effect["by_seed"]) > 1 else "one seed"
    return f"{told}; 95 % interval over photos {effect['low']:+.3f} to {effect['high']:+.3f}"
