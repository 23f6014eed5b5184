"""The networks' answers side by side, as layers that the browser lays over the photo.

Which layers show is a matter of style sheets alone: the chosen view, the
overlay strength and the class in the limelight need neither the server nor the
networks.
"""

import io

import gradio as gr
import numpy as np
from gradio.data_classes import FileData
from gradio.processing_utils import save_bytes_to_cache
from PIL import Image

from seg.classes import CLASS_NAMES, PALETTE
from seg.confidence import confidence_map, mean_confidence
from seg.layers import ERRORS, UNSURE_COLOUR, class_layers, error_layer, error_map, error_shares, unsureness_layer
from seg.metrics import class_shares, confusion_matrix
from seg.networks import TITLES
from seg.ui.recent import Look

VIEWS = [("Overlay", "overlay"), ("Mask", "mask"), ("How sure", "sure"), ("Errors", "errors")]
"""Label and value of each view that this component can show."""

STRENGTH = "--overlay-strength"
"""CSS variable: share of the class colour in an overlay, 0..1."""

# Long sides, pixels: enough for a picture that fills a screen. Confidence is smooth.
_LAYER_SIDE = 1000
_CONFIDENCE_SIDE = 400

# Values reach the template as JSON; nothing in it comes from a visitor but pictures.
_TEMPLATE = """
${value ? `
<div class="views">
  <div class="legend of-classes" role="group" aria-label="Classes; choose one to see it alone">
    ${value.classes.map(c => `<button type="button" class="class" data-class="${c.name}" aria-pressed="false"><span class="swatch" style="background:${c.colour}"></span>${c.name}</button>`).join("")}
    <span class="hint">Point at a class to see it alone, click it to keep it so.</span>
  </div>
  <p class="legend of-sureness"><span>certain</span><span class="ramp" style="background:linear-gradient(to right, #fff, ${value.unsure})"></span><span>a guess</span>
    <span>${value.calibrated ? "From calibrated probabilities: over many test photos, of all pixels that are 80&nbsp;% sure, about 80&nbsp;% are right. On a single photo it can be more or less."
      : "These weights come without a report on how honest their probabilities are, so this is only what each network claims."}</span></p>
  <p class="legend of-errors">${value.truth ? value.errors.map(e => `<span><span class="swatch" style="background:${e.colour}"></span>${e.name}</span>`).join("")
    : "Nobody has told this page the truth about this photo. Choose an example, or open &ldquo;You know the truth? Add its mask&rdquo; and add the mask there."}</p>
  <div class="figures ${value.truth ? "" : "untold"}">
    ${value.figures.map(f => `<figure id="view-${f.name}">
      <figcaption>${f.title}</figcaption>
      <div class="stack" style="aspect-ratio:${value.width}/${value.height};width:min(100%, 70vh * ${value.width / value.height})">
        <img class="photo" src="${value.photo.url}" alt="">
        <div class="classes" role="img" aria-label="${f.says}">${f.layers.map(l => `<img class="layer ${l.name}" src="${l.file.url}" alt="">`).join("")}</div>
        ${f.sure ? `<img class="sure" src="${f.sure.file.url}" alt="${f.sure.says}">` : ""}
        ${f.wrong ? `<img class="wrong" src="${f.wrong.file.url}" alt="${f.wrong.says}">` : ""}
      </div>
      ${f.sure ? `<p class="note of-sureness" aria-hidden="true">${f.sure.says}</p>` : ""}
      ${f.wrong ? `<p class="note of-errors" aria-hidden="true">${f.wrong.says}</p>` : ""}
    </figure>`).join("")}
  </div>
</div>` : `<p class="empty">Choose a photo, and what each network sees appears here.</p>`}
"""

_STYLE = """
.empty { margin: 0; padding: 96px 24px; text-align: center; border: 1px dashed var(--border-color-primary); border-radius: 8px; color: var(--body-text-color-subdued); }
.legend { flex-wrap: wrap; gap: 4px 12px; align-items: center; margin: 0 0 8px; min-height: 36px; color: var(--body-text-color); }
.legend.of-classes { display: var(--classes, flex); }
.legend.of-sureness { display: var(--sureness, none); }
.legend.of-errors { display: var(--errors, none); }
.class { display: inline-flex; align-items: center; margin: 0 !important; padding: 5px 12px; border: 1px solid var(--border-color-primary); border-radius: 999px; background: transparent; color: inherit; font: inherit; cursor: pointer; }
.hint { color: var(--body-text-color-subdued); }
.class:hover { border-color: currentColor; }
.class[aria-pressed=true] { border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }
.class:focus-visible { outline: 2px solid var(--color-accent); outline-offset: 2px; }
.swatch { display: inline-block; width: .9em; height: .9em; border-radius: 3px; margin-right: .5em; box-shadow: 0 0 0 1px #8888; }
.ramp { width: 120px; height: 12px; border-radius: 3px; box-shadow: 0 0 0 1px #8888; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(150px, 45%), 1fr)); gap: 12px; }
.figures.untold { display: var(--untold, grid); }
figure { margin: 0; }
#view-truth { display: var(--truth, block); }
figcaption { font-weight: 600; font-size: 1.15em; margin-bottom: 4px; color: var(--body-text-color); }
.stack { position: relative; overflow: hidden; border-radius: 4px; background: #fff; margin: 0 auto; }
.stack img { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; }
.stack .photo { visibility: var(--photo, visible); filter: var(--photo-filter, none); opacity: var(--photo-opacity, 1); }
.stack .classes { position: absolute; inset: 0; display: var(--classes, block); }
.stack .layer { opacity: var(--layers, var(--overlay-strength, .5)); transition: opacity .12s; }
[data-lit] .stack .layer { opacity: var(--unlit, 0); }
[data-lit=pet] .stack .layer.pet { opacity: var(--layers, max(.75, var(--overlay-strength, .5))); }
[data-lit=background] .stack .layer.background { opacity: var(--layers, max(.75, var(--overlay-strength, .5))); }
[data-lit=outline] .stack .layer.outline { opacity: var(--layers, max(.75, var(--overlay-strength, .5))); }
.stack .sure { display: var(--sureness, none); }
.stack .wrong { display: var(--errors, none); }
.note { margin: 4px 0 0; color: var(--body-text-color); }
.note.of-sureness { display: var(--sureness, none); }
.note.of-errors { display: var(--errors, none); }
"""

# What the chosen view changes; the style of the component uses these variables.
STYLE = """
#compare:has(#view input[value=mask]:checked) { --photo: hidden; --layers: 1; --unlit: .1; }
#compare:has(#view input[value=sure]:checked) { --classes: none; --truth: none; --sureness: flex; --photo-filter: grayscale(1) brightness(.8); --photo-opacity: .5; }
#compare:has(#view input[value=errors]:checked) { --classes: none; --errors: flex; --untold: none; --photo-filter: grayscale(1) brightness(.8); --photo-opacity: .5; }
/* Beside the errors, the truth as in an overlay, whatever strength and class are chosen there. */
#compare:has(#view input[value=errors]:checked) #view-truth { --classes: block; --photo-filter: none; --photo-opacity: 1; --layers: .5; --unlit: .5; }
#compare:not(:has(#view input[value=overlay]:checked)) .form:has(#strength) { display: none; }
"""

_SCRIPT = """
let choice;
const light = name => element.querySelector(".views")?.[name ? "setAttribute" : "removeAttribute"]("data-lit", name);
const press = () => {
  for (const button of element.querySelectorAll(".class")) button.setAttribute("aria-pressed", String(button.dataset.class === choice));
  light(choice);
};
const pointed = event => light(event.target.closest(".class")?.dataset.class ?? choice);
element.addEventListener("pointerover", pointed);
element.addEventListener("focusin", pointed);
element.addEventListener("pointerleave", () => light(choice));
element.addEventListener("focusout", () => light(choice));
element.addEventListener("click", event => {
  const button = event.target.closest(".class");
  if (!button) return;
  choice = button.dataset.class === choice ? undefined : button.dataset.class;
  press();
});
// Another photo has new buttons; the choice remains.
new MutationObserver(press).observe(element, {childList: true, subtree: true});
"""


class NetworkViews(gr.HTML):
    """Shows a `Look`: overlay, mask, confidence and errors of each network, and the truth where it is known."""

    def __init__(self, **kwargs):
        super().__init__(html_template=_TEMPLATE, css_template=_STYLE, js_on_load=_SCRIPT, **kwargs)

    def postprocess(self, value: Look | None):
        return (
            None
            if value is None
            else _described(
                value, lambda image, **options: FileData(path=cached(image, self.GRADIO_CACHE, **options)).model_dump()
            )
        )


def cached(image: Image.Image, cache: str, file_format: str = "png", **options) -> str:
    """Path of the image as a file that the browser can fetch.

    Args:
        cache: ``GRADIO_CACHE`` of the component that shows it.
        file_format: ``png`` or ``jpeg``.
        options: of `PIL.Image.Image.save`.
    """
    data = io.BytesIO()
    image.save(data, file_format, **options)
    return save_bytes_to_cache(data.getvalue(), f"image.{file_format}", cache)


def reduced(look: Look, long_side: int = _LAYER_SIDE) -> tuple[Image.Image, dict]:
    """The photo, and the class maps by network name, at the size at which they are shown."""
    photo = look.photo.image.copy()
    photo.thumbnail((long_side, long_side))
    return photo, {name: _reduced(seen.class_map, photo.size) for name, seen in look.comparison.segmentations.items()}


def shares_in_words(shares: dict) -> str:
    """Such as ``25.3 % pet, 63.6 % background, 11.1 % outline``."""
    return ", ".join(f"{100 * share:.1f} % {name}" for name, share in shares.items())


def _described(look, saved):
    """What the template shows, as JSON can hold it."""
    photo, class_maps = reduced(look)
    truth = None if look.truth is None else _reduced(look.truth, photo.size)
    figures = []
    for name, seen in look.comparison.segmentations.items():
        class_map = class_maps[name]
        figure = _figure(name, TITLES[name], class_map, seen.shares, saved)
        figure["sure"] = _sureness(seen, look.comparison.temperature(name), photo.size, saved)
        if truth is not None:
            counts = confusion_matrix(look.truth, seen.class_map)
            figure["wrong"] = {
                "file": saved(error_layer(error_map(truth, class_map))),
                "says": _errors(TITLES[name], counts),
            }
        figures.append(figure)
    if truth is not None:
        figures.append(_figure("truth", "Truth", truth, class_shares(look.truth), saved))
    return {
        "photo": saved(photo, file_format="jpeg", quality=90),
        "width": photo.width,
        "height": photo.height,
        "figures": figures,
        "truth": truth is not None,
        "calibrated": look.comparison.report is not None,
        "classes": [{"name": name, "colour": _css(colour)} for name, colour in zip(CLASS_NAMES, PALETTE)],
        "errors": [{"name": name, "colour": _css(colour)} for name, colour in ERRORS.items()],
        "unsure": _css(UNSURE_COLOUR),
    }


def _figure(name, title, class_map, shares, saved):
    return {
        "name": name,
        "title": title,
        "says": f"{title}: {shares_in_words(shares)}",
        "layers": [{"name": class_name, "file": saved(layer)} for class_name, layer in class_layers(class_map).items()],
    }


def _sureness(seen, temperature, size, saved):
    scale = min(1, _CONFIDENCE_SIDE / max(size))
    width, height = (max(1, round(scale * side)) for side in size)
    mean = mean_confidence(seen.logits, temperature or 1)
    says = f"{TITLES[seen.network]} is {100 * mean['photo']:.0f} % sure on average"
    if mean["pet"] is not None:
        says += f", {100 * mean['pet']:.0f} % within the pet"
    return {
        "file": saved(unsureness_layer(confidence_map(seen.logits, temperature or 1, width, height))),
        "says": says + ".",
    }


def _errors(title, counts):
    shares = error_shares(counts)
    said = ", ".join(f"{100 * share:.1f} % {kind}" for kind, share in shares.items())
    return f"{title} is wrong on {100 * sum(shares.values()):.1f} % of the pixels: {said}."


def _reduced(class_map, size):
    return np.asarray(Image.fromarray(class_map).resize(size, Image.Resampling.NEAREST))


def _css(colour):
    return "#{:02x}{:02x}{:02x}".format(*colour)
