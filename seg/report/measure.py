"""Measures both networks on the photos, in one pass for all that can share it."""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from seg.classes import NUM_CLASSES
from seg.evaluation.boundary import boundary_f_score
from seg.evaluation.calibration import ReliabilityCounts, confidences, fit_temperature
from seg.evaluation.complexity import multiply_adds, seconds_per_photo, uncounted_layers
from seg.evaluation.confidence import disputed_confidence
from seg.evaluation.metrics import confusion_matrix, scores
from seg.evaluation.silencing import silenced_variants
from seg.images.geometry import class_map_at, scaled_logits
from seg.networks import TITLES
from seg.networks.anatomy import anatomy_of
from seg.networks.compilation import inference_precision
from seg.networks.folding import fold
from seg.networks.forward import forward_pass, gated
from seg.networks.weights import TENSORS, load_network, tensors_digest
from seg.progress import Progress
from seg.report.sizes import PUBLISHED_SIZE, larger_copies

_BATCH = 16
_SILENCED_PHOTOS = 200


class Contestant:
    """A trained network that takes part.

    Attributes:
        name: key of `seg.networks.TITLES`.
        image_size: height and width of the photos that it gets, pixels.
        forward: as `seg.networks.forward.forward_pass` returns it.
        digest: SHA-256 of its weights file.
        temperature: by which its logits are divided; fitted by `measure_validation`.
    """

    def __init__(self, folder):
        """Loads the network of a folder; raises what `seg.networks.weights.load_network` does."""
        self.network, config = load_network(folder)
        self.name, self.image_size = config["network"], config["image_size"]
        self.forward = forward_pass(self.network)
        self.digest = tensors_digest(folder)
        self.file_bytes = (folder / TENSORS).stat().st_size
        self.temperature = 1.0


@dataclass
class Measured:
    """One network on the test split.

    Attributes:
        confusions: int array (photos, 3, 3) at the size at which the contest is scored, rows are the truth.
        published: the same at `PUBLISHED_SIZE`.
        boundary_f: one value for each photo, None where there is no border.
    """

    confusions: np.ndarray
    published: np.ndarray
    boundary_f: list = field(default_factory=list)
    raw: ReliabilityCounts = field(default_factory=ReliabilityCounts)
    calibrated: ReliabilityCounts = field(default_factory=ReliabilityCounts)


def forwards_of(contestants: list[Contestant]) -> dict:
    """``forwards`` of `logits_at`: how each contestant runs, by its name."""
    return {c.name: (c.forward, c.image_size) for c in contestants}


def logits_at(split: dict, scored_at: int, forwards: dict, subject: str, indices=None):
    """Runs networks over photos, each at its own size, all batch by batch.

    Args:
        split: the same photos, `seg.data.photo_set.PhotoSet`, by image size.
        scored_at: height and width to which logits are scaled bilinearly, pixels.
        forwards: forward pass and image size by any name.
        subject: what to call this while it goes on.
        indices: of the photos; all unless given.

    Yields:
        For each batch the photos' indices, their masks at ``scored_at``, uint8 (n, s, s) class ids, and by name
        the logits, float32 (n, s, s, 3).
    """
    indices = range(len(split[scored_at])) if indices is None else list(indices)
    with Progress(subject, len(indices), "photos") as progress:
        for start in range(0, len(indices), _BATCH):
            batch = indices[start : start + _BATCH]
            logits = {name: forward(split[size].batch(batch)[0]) for name, (forward, size) in forwards.items()}
            yield (
                batch,
                split[scored_at].batch(batch)[1],
                {name: np.stack([_scaled(each, scored_at) for each in found]) for name, found in logits.items()},
            )
            progress.update(len(batch))


def measure_validation(contestant: Contestant, validation: dict, scored_at: int) -> dict:
    """Fits the network's temperature on the validation photos, and says what flip averaging would gain there.

    Args:
        validation: as ``split`` of `logits_at`.

    Returns:
        ``{"split", "photos", "gained": {"pixel_accuracy", "mean_iou"}}``.
    """
    forward, size = contestant.forward, contestant.image_size
    views = {
        "plain": (forward, size),
        "mirrored": (lambda photos: forward(np.ascontiguousarray(photos[:, :, ::-1]))[:, :, ::-1], size),
    }
    subject = f"{TITLES[contestant.name]}, validation photos and their mirror images"
    # A grid of the pixels is enough for one number, and fits the memory.
    step = max(1, scored_at // PUBLISHED_SIZE)
    kept, truths = [], []
    confusions = np.zeros((2, NUM_CLASSES, NUM_CLASSES), np.int64)
    for _, masks, logits in logits_at(validation, scored_at, views, subject):
        kept.append(logits["plain"][:, ::step, ::step])
        truths.append(masks[:, ::step, ::step])
        for place, seen in enumerate((logits["plain"], (logits["plain"] + logits["mirrored"]) / 2)):
            confusions[place] += confusion_matrix(masks, seen.argmax(axis=-1))
    contestant.temperature = fit_temperature(np.concatenate(kept), np.concatenate(truths))
    without, averaged = (scores(each) for each in confusions)
    gained = {key: averaged[key] - without[key] for key in ("pixel_accuracy", "mean_iou")}
    return {"split": "validation", "photos": len(validation[scored_at]), "gained": gained}


def measure_test(contestants: list[Contestant], test: dict, scored_at: int) -> tuple[dict, np.ndarray]:
    """Runs all networks over the test photos in one pass.

    Args:
        test: as ``split`` of `logits_at`, with `PUBLISHED_SIZE` too.

    Returns:
        `Measured` by name; and float array (photos, networks), how sure each is on average
        where the first two differ, NaN where they differ nowhere.
    """
    photos = len(test[scored_at])
    shape = photos, NUM_CLASSES, NUM_CLASSES
    measured = {c.name: Measured(np.zeros(shape, np.int64), np.zeros(shape, np.int64)) for c in contestants}
    disputed = np.empty((photos, len(contestants)))
    for batch, masks, logits in logits_at(test, scored_at, forwards_of(contestants), "Both networks, test photos"):
        published = test[PUBLISHED_SIZE].batch(batch)[1]
        maps, sure = [], []
        for contestant in contestants:
            found, seen = measured[contestant.name], logits[contestant.name]
            maps.append(seen.argmax(axis=-1).astype(np.uint8))
            sure.append(confidences(seen, contestant.temperature))
            found.confusions[batch] = list(map(confusion_matrix, masks, maps[-1]))
            small = (_scaled(each, PUBLISHED_SIZE).argmax(axis=-1) for each in seen)
            found.published[batch] = list(map(confusion_matrix, published, small))
            found.boundary_f += map(boundary_f_score, masks, maps[-1])
            correct = maps[-1] == masks
            found.raw.add(confidences(seen), correct)
            found.calibrated.add(sure[-1], correct)
        for index, *both in zip(batch, zip(*maps), zip(*sure)):
            disputed[index] = disputed_confidence(*both) or np.nan
    return measured, disputed


def confusions_of(split: dict, scored_at: int, forwards: dict, subject: str, indices) -> dict:
    """Confusion matrices of some photos, by the names of ``forwards``.

    Args:
        split, scored_at, forwards, subject, indices: as of `logits_at`.

    Returns:
        int arrays (photos, 3, 3), rows are the truth; 0 for photos that were not asked for.
    """
    confusions = {name: np.zeros((len(split[scored_at]), NUM_CLASSES, NUM_CLASSES), np.int64) for name in forwards}
    for batch, masks, logits in logits_at(split, scored_at, forwards, subject, indices):
        for name, found in confusions.items():
            found[batch] = list(map(confusion_matrix, masks, logits[name].argmax(axis=-1)))
    return confusions


def numbers_of(contestant: Contestant, found: Measured, test: dict, scored_at: int) -> dict:
    """What the report tells of one network on the test split, as `measure_test` found it."""
    pooled = found.confusions.sum(0)
    larger = larger_copies(test[scored_at])
    return {
        "sha256": contestant.digest,
        "image_size": contestant.image_size,
        **scores(pooled),
        "confusion_matrix": pooled.tolist(),
        "boundary_f_score": float(np.mean([f for f in found.boundary_f if f is not None])),
        "larger_copies": scores(found.confusions[larger].sum(0)) if larger else None,
        "published_size": scores(found.published.sum(0)),
        "calibration": {
            "error": found.raw.expected_calibration_error(),
            "temperature": contestant.temperature,
            "error_with_temperature": found.calibrated.expected_calibration_error(),
        },
        "cost": {
            "parameters": contestant.network.count_params(),
            "multiply_adds": multiply_adds(contestant.network, contestant.image_size),
            "seconds_per_photo": seconds_per_photo(contestant.forward, contestant.image_size),
            "file_bytes": contestant.file_bytes,
            **({"not_counted": uncounted} if (uncounted := uncounted_layers(contestant.network)) else {}),
        },
        "silenced_skips": _silenced(contestant, found, test, scored_at),
    }


def shown_photos(contestants: list[Contestant], test: dict, scored_at: int, indices) -> dict:
    """Some photos as people look at them: at their own aspect ratio, at most ``scored_at`` pixels on the long side.

    Args:
        test: as ``split`` of `logits_at`.
        indices: of the photos.

    Returns:
        By index ``(photo, truth, {network name: class map})``: uint8 arrays (h, w, 3) RGB and (h, w) of class ids.
    """
    shown = {}
    for index in indices:
        image, mask = test[scored_at][index]
        width, height = test[scored_at].sizes[index]
        shrunk = min(1.0, scored_at / max(width, height))
        size = max(1, round(width * shrunk)), max(1, round(height * shrunk))
        photo = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BILINEAR))
        truth = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
        maps = {c.name: class_map_at(c.forward(test[c.image_size].batch([index])[0])[0], *size) for c in contestants}
        shown[index] = photo, truth, maps
    return shown


def _silenced(contestant, found, test, scored_at):
    """Scores without skip connections, on photos evenly spread: enough for differences of some hundredths."""
    photos = len(test[scored_at])
    chosen = np.linspace(0, photos - 1, min(_SILENCED_PHOTOS, photos)).round().astype(int)
    skips = anatomy_of(contestant.network, contestant.image_size).skips
    run = gated(fold(contestant.network, inference_precision()), [skip.joins for skip in skips])
    results = {}
    for title, gone in silenced_variants(contestant.name, skips).items():
        confusions = found.confusions  # the whole network has seen them already
        if gone:
            gates = np.array([skip not in gone for skip in skips], np.float32)
            forwards = {title: (lambda photos, gates=gates: run(photos, gates), contestant.image_size)}
            confusions = confusions_of(test, scored_at, forwards, title, chosen)[title]
        score = scores(confusions[chosen].sum(0))
        results[title] = {"photos": len(chosen), **{key: score[key] for key in ("pixel_accuracy", "mean_iou")}}
    return results


def _scaled(logits, size):
    return logits if len(logits) == size else scaled_logits(logits, size, size)
