"""The tab that compares what the networks see in one photo."""

from typing import NamedTuple

import gradio as gr

from seg.errors import UserError
from seg.networks import TITLES
from seg.photos import Photo
from seg.rendering import mask_image, overlay_image
from seg.serving import Service
from seg.ui.difference_map import annotated, difference_map
from seg.ui.example_photos import EXAMPLES, true_class_map
from seg.ui.photo_input import PhotoInput, replacement, shown
from seg.ui.shares_table import SharesTable, numbers_of
from seg.ui.weights_status import weights_status

STYLE = """
.network-title h2 { margin: 0; }
/* The truth is known for examples only. */
#truth:not(:has(img)) { display: none; }
"""


class CompareTab(NamedTuple):
    """What other parts of the page need of the tab.

    Attributes:
        photo: the input; a new value starts a comparison.
        compared: the event of a comparison, to follow with `then` or `success`.
        results: the components that it fills.
    """

    photo: PhotoInput
    compared: gr.events.Dependency
    results: list


def build(page: gr.Blocks, service: Service) -> CompareTab:
    """Builds the contents of the tab; each photo goes to the networks that the service holds then."""
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            photo = PhotoInput(
                label="Photo",
                elem_id="photo",
                sources=["upload", "webcam", "clipboard"],
                height=320,
                placeholder="Drop a pet photo here, or click to choose one",
                alt_text="The chosen photo",
            )
            gr.Examples([[str(path)] for path in EXAMPLES], inputs=photo, label="Or try one that neither network was trained on")
            status = gr.HTML(elem_id="weights")
        with gr.Column(scale=8, min_width=300):
            overlays, masks = {}, {}
            with gr.Row():
                for name in TITLES:
                    with gr.Column(min_width=140):
                        gr.Markdown(f"## {TITLES[name]}", elem_classes="network-title")
                        overlays[name] = _result(f"{TITLES[name]} overlay", f"{name}-overlay", "jpeg", show_label=False)
                        masks[name] = _result(f"{TITLES[name]} mask", f"{name}-mask", "png", show_label=False)
            shares = SharesTable(label="Pixel shares", elem_id="shares")
            with gr.Row():
                differences = difference_map(label="Where they differ", elem_id="differences", min_width=140)
                truth = _result("Truth, as people drew it", "truth", "png")

    results = [*overlays.values(), *masks.values(), shares, differences, truth]
    nothing = [None] * len(results)

    def compare(image: Photo | UserError | None):
        if image is None:
            return nothing
        try:
            if isinstance(image, UserError):
                raise image
            comparison = service.networks.compare(image)
        except UserError as error:
            raise shown(error) from error
        seen, true = comparison.segmentations, true_class_map(image)
        return [
            *(overlay_image(image.image, seen[name].class_map) if name in seen else None for name in TITLES),
            *(mask_image(seen[name].class_map) if name in seen else None for name in TITLES),
            numbers_of(comparison, true),
            annotated(image, comparison),
            mask_image(true) if true is not None else None,
        ]

    photo.upload(replacement, photo, photo, api_visibility="private", show_progress="hidden")
    compared = photo.change(compare, photo, results, api_visibility="private", trigger_mode="always_last")
    # What an earlier photo showed must not stand beside a refused one.
    compared.failure(lambda: nothing, None, results, api_visibility="private", show_progress="hidden")
    # Which weights run can change while the app is up.
    for moment in (page.load, compared.then):
        moment(lambda: weights_status(service), None, status, api_visibility="private", show_progress="hidden")
    return CompareTab(photo, compared, results)


def _result(label, elem_id, file_format, show_label=True):
    return gr.Image(
        label=label,
        show_label=show_label,
        elem_id=elem_id,
        # Gradio's default, lossy WebP, would change the pixels of a mask.
        format=file_format,
        type="pil",
        interactive=False,
        buttons=["download", "fullscreen"],
        alt_text=label,
    )
