"""The stage: everything that is shown of a comparison, as pictures that the browser lays over one another.

Which of them show is a matter of style sheets and of the script beside this file: the chosen view, the overlay
strength, the class in the limelight, the zoom and what each network says of a place need neither the server nor the
networks. So a page that is open goes on working when the server has forgotten its photo.
"""

import re
import zlib
from dataclasses import dataclass

import gradio as gr
import numpy as np
from gradio.data_classes import FileData
from PIL import Image

from seg.classes import CLASS_NAMES, PALETTE, PET
from seg.evaluation.calibration import confidences
from seg.images.doubt_and_errors import (
    ERRORS,
    LOWEST_LOG,
    UNSURE_COLOUR,
    error_layer,
    error_map,
    log_probability_image,
    unsureness_layer,
)
from seg.images.geometry import scaled_logits
from seg.images.regions import Region
from seg.images.rendering import css_colour, data_url, encoded, encoded_mask
from seg.networks import NETWORKS, TITLES
from seg.ui.compare.differences import COLOURS, groups, numbered_pairs, pair_in_words, pair_shares
from seg.ui.compare.verdict import agreement_in_words, described
from seg.ui.scripts import script
from seg.ui.server.recent import Look
from seg.ui.server.uploads import kept

VIEWS = [
    ("Side by side", "side"),
    ("Overlay", "overlay"),
    ("Mask", "mask"),
    ("How sure", "sure"),
    ("Errors", "errors"),
    ("Differences", "differences"),
    ("Slider", "slider"),
    ("Without skips", "skips"),
]
"""Label and value of each view."""

# Long sides, pixels: enough for a picture that fills a screen. Confidence is smooth.
LONG_SIDE = 1000
_CONFIDENCE_SIDE = 400


@dataclass(frozen=True)
class Scene:
    """What is put on the stage.

    Attributes:
        photo: RGB image of any size.
        regions: where the networks differ most, the largest first.
        numbers: of `seg.inference.numbers.numbers_of`.
        answer: of `seg.ui.compare.verdict.answer`.
        example: what it is called where nobody has chosen a photo yet, else None.
    """

    look: Look
    photo: Image.Image
    regions: list[Region]
    numbers: dict
    answer: dict
    example: str | None = None


class Stage(gr.HTML):
    """Shows a `Scene`; a browser also puts ``{"pending": address of a photo}`` on it, see ``stage.html``."""

    def __init__(self, **kwargs):
        files = ("stage.html", "stage.css", "stage.js", "part.js", "skips.js")
        template, style, *scripts = (script(f"compare/{file}") for file in files)
        before, of_class, after = re.split(r"/\* EACH CLASS \*/|/\* END \*/", style)
        style = before + "".join(of_class.replace("CLASS", name) for name in CLASS_NAMES) + after
        super().__init__(html_template=template, css_template=style, js_on_load="\n".join(scripts), **kwargs)

    def postprocess(self, value: Scene | None):
        return None if value is None else _described(value, self._saved)

    def _saved(self, image, file_format="png", **options):
        """What browsers need of an image, which becomes a file."""
        path = kept(encoded(image, file_format, **options), f"image.{file_format}", self)
        return FileData(path=path).model_dump()


def _described(scene, saved):
    """What the template shows, as JSON can hold it."""
    look, comparison = scene.look, scene.look.comparison
    photo = scene.photo.copy()
    photo.thumbnail((LONG_SIDE, LONG_SIDE))
    class_maps = {name: reduced(seen.class_map, photo.size) for name, seen in comparison.segmentations.items()}
    truth = None if look.truth is None else reduced(look.truth, photo.size)
    figures = []
    for (name, seen), numbers in zip(comparison.segmentations.items(), scene.numbers["networks"]):
        told = figure(name, TITLES[name], class_maps[name], seen.shares)
        temperature = comparison.temperature(name) or 1
        told["sure"] = {
            "file": saved(_unsureness(seen.logits, temperature, photo.size)),
            "says": _sureness(TITLES[name], numbers["confidence"]),
        }
        told["skips"] = [skip for skip in look.skips if skip.startswith(f"{name}.")]
        told["iou"] = numbers["mean_iou"]
        told["odds"] = saved(log_probability_image(seen.logits, temperature))
        if truth is not None:
            told["wrong"] = {
                "file": saved(error_layer(error_map(truth, class_maps[name]))),
                "says": _errors(TITLES[name], numbers["errors"]),
            }
        figures.append(told)
    if truth is not None:
        figures.append(figure("truth", "Truth", truth, scene.numbers["truth"]))
    return {
        "photo": saved(photo, "jpeg", quality=90),
        "width": photo.width,
        "height": photo.height,
        "of": mark(look),
        "example": scene.example,
        "part": look.part_of is not None,
        "answer": scene.answer,
        "figures": figures,
        "differences": _differences(scene, list(class_maps.values())) if len(class_maps) == 2 else None,
        "truth": truth is not None,
        "calibrated": comparison.report is not None,
        "lowestLog": LOWEST_LOG,
        "classes": [{"name": name, "colour": css_colour(colour)} for name, colour in zip(CLASS_NAMES, PALETTE)],
        "errors": [{"name": name, "colour": css_colour(colour)} for name, colour in ERRORS.items()],
        "unsure": css_colour(UNSURE_COLOUR),
    }


def mark(look: Look) -> str:
    """By which the browser knows that two things are about the same photo."""
    return f"{zlib.crc32(look.source.encode()):x}"


def figure(name: str, title: str, class_map: np.ndarray, shares: dict) -> dict:
    """What the template shows of a class map.

    Args:
        class_map: `reduced`; ``shares``: of the whole one.
    """
    told = ", ".join(f"{100 * share:.1f} % {class_name}" for class_name, share in shares.items())
    return {
        "name": name,
        "title": title,
        "colour": NETWORKS[name].colour if name in NETWORKS else None,
        "says": f"{title}: {told}",
        # Within the answer: class maps are small, and the browser need not come back for them.
        "mask": data_url(encoded_mask(class_map)),
        "shares": [{"name": class_name, "percent": 100 * share} for class_name, share in shares.items()],
    }


def _unsureness(logits, temperature, size):
    scale = min(1, _CONFIDENCE_SIDE / max(size))
    width, height = (max(1, round(scale * side)) for side in size)
    return unsureness_layer(confidences(scaled_logits(logits, width, height), temperature))


def _sureness(title, confidence):
    says = f"{title} is {100 * confidence['photo']:.0f} % sure on average"
    if (within := confidence[CLASS_NAMES[PET]]) is not None:
        says += f", {100 * within:.0f} % within the {CLASS_NAMES[PET]}"
    return f"{says}."


def _errors(title, shares):
    said = ", ".join(f"{100 * share:.1f} % {kind}" for kind, share in shares.items())
    return f"{title} is wrong on {100 * sum(shares.values()):.1f} % of the pixels: {said}."


def _differences(scene, class_maps):
    shares = pair_shares(scene.look.comparison.counts)
    numbers = {pair: number for number, pair in enumerate(COLOURS, 1)}
    picture = encoded(numbered_pairs(*class_maps), "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    titles = [TITLES[name] for name in scene.look.comparison.segmentations]
    return {
        "says": agreement_in_words(scene.numbers),
        "picture": data_url(picture),
        "groups": [
            {
                "name": name,
                "percent": 100 * sum(shares.get(pair, 0) for pair in pairs),
                "pairs": [
                    {
                        "name": pair_in_words(pair, titles),
                        "colour": COLOURS[pair],
                        "percent": 100 * shares[pair],
                        "number": numbers[pair],
                    }
                    for pair in pairs
                    if pair in shares
                ],
            }
            for name, pairs in groups(*titles).items()
        ],
        "regions": [{"box": region.box, "says": described(region, titles)} for region in scene.regions],
    }


def reduced(class_map: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A class map at another width and height."""
    return np.asarray(Image.fromarray(class_map).resize(size, Image.Resampling.NEAREST))
