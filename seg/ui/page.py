"""Layout of the page and the wiring of its events."""

import html

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

TITLE = "FCN-8 and U-Net on your pet photo"

# Uploaded photos and their masks are deleted from the server after this time.
_KEEP_SECONDS = 3600
_SWEEP_SECONDS = 600

_STYLE = """
.gradio-container { max-width: 1280px !important; }
.network-title h2 { margin: 0; }
/* The truth is known for examples only. */
#truth:not(:has(img)) { display: none; }
"""

LAUNCH = {
    "theme": gr.themes.Default(primary_hue="orange", font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    "css": _STYLE,
    "max_file_size": "64mb",
    "footer_links": ["api", "gradio", "settings"],
    # A visitor's photos stay out of any list of past runs.
    "run_history": False,
}
"""What the page needs of `gradio.Blocks.launch`."""


def build_page(service: Service) -> gr.Blocks:
    """Builds the page; each photo goes to the networks that the service holds then."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(_SWEEP_SECONDS, _KEEP_SECONDS)) as page:
        gr.Markdown(f"# {TITLE}\nTwo classic segmentation networks mark the same pet: what is **pet**, what is **outline**, what is **background**?")
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
            """Segments a pet photo with FCN-8 and U-Net.

            Returns each network's overlay (JPEG, at most 1,600 pixels on the long
            side), each network's mask (indexed PNG of the photo's size; pixel
            values 0 pet, 1 background, 2 outline), the numbers, the regions where
            the networks differ, and for an example photo its true mask.
            """
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
        compared = photo.change(compare, photo, results, api_name="compare", trigger_mode="always_last")
        # What an earlier photo showed must not stand beside a refused one.
        compared.failure(lambda: nothing, None, results, api_visibility="private", show_progress="hidden")
        # Which weights run can change while the app is up.
        for moment in (page.load, compared.then):
            moment(lambda: weights_status(service), None, status, api_visibility="private", show_progress="hidden")
    return page


def weights_status(service: Service) -> str:
    """HTML that names the weights, their scores on the test split, and what is missing."""
    networks = service.networks
    warnings = [sentence for sentence in (service.notice, *networks.problems.values()) if sentence]
    lines = [f"<li>{TITLES[name]}: {_scores(networks.segmenters[name].metrics)}, {html.escape(networks.origins[name])}</li>" for name in TITLES if name in networks.segmenters]
    return "".join(f"<p role='alert'>⚠ {html.escape(warning)}</p>" for warning in warnings) + f"<ul>{''.join(lines)}</ul>"


def _scores(metrics):
    try:
        return (
            f"test pixel accuracy <b>{metrics['pixel_accuracy']:.3f}</b>, "
            f"mean IoU <b>{metrics['mean_iou']:.3f}</b> ({metrics['photos']:,} photos)"
        )
    except (TypeError, KeyError, ValueError):
        return "test scores unknown"


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
