"""The tab that compares what the networks see in several photos at once."""

import html
from pathlib import Path

import gradio as gr

from seg.classes import CLASS_NAMES, PALETTE, PET
from seg.errors import UserError
from seg.images.photos import Photo, open_photo
from seg.images.rendering import beside_one_another, encoded, overlay_image
from seg.inference.comparison import Comparison
from seg.inference.download_files import safe_stem
from seg.inference.several_photos import as_csv, row_of
from seg.networks import TITLES, chosen_pair
from seg.ui.events import QUIET
from seg.ui.server.request_limits import MAX_UPLOAD_MB
from seg.ui.server.serving import Service
from seg.ui.server.turns import in_turn
from seg.ui.server.uploads import kept

MAX_PHOTOS = 30
"""So that a run takes seconds of a server that others use too: 30 photos of 12 megapixels take 18 on two cores."""

_LONG_SIDE, _GAP = 480, 6


def build(service: Service) -> None:
    """Builds the contents of the tab."""
    titles = " and ".join(TITLES[name] for name in chosen_pair())
    gr.Markdown(
        f"What both networks see in each of your photos, {titles} side by side, and all shares, agreement and times as"
        " a table (CSV)."
    )
    with gr.Row():
        with gr.Column(scale=4, min_width=300):
            files = gr.File(
                label=f"Up to {MAX_PHOTOS} photos at a time, {MAX_UPLOAD_MB} MB together",
                file_count="multiple",
                elem_id="several-photos",
                height=260,
            )
            with gr.Row():
                start = gr.Button("Compare them all", variant="primary", elem_id="several-start")
                stop = gr.Button("Stop", elem_id="several-stop", interactive=False)
            progress_line = gr.Markdown(elem_id="several-status")
            refused = gr.HTML(elem_id="several-refused", elem_classes="flush")
            table = gr.DownloadButton("Download the numbers (CSV)", elem_id="several-csv", visible=False)
        with gr.Column(scale=8, min_width=300):
            gr.HTML(_legend(), elem_id="several-legend", elem_classes="flush")
            gallery = gr.Gallery(
                label=f"Overlays of {titles}, side by side",
                show_label=False,
                elem_id="several-results",
                elem_classes="strips",
                columns=2,
                height="auto",
                object_fit="contain",
                interactive=False,
                buttons=["fullscreen"],
            )

    def opened_and_compared(path):
        photo = open_photo(path)
        return photo, service.networks.compare(photo)

    def compare_all(paths, progress=gr.Progress()):
        if not paths:
            raise UserError("Choose photos first.")
        pictures, rows, problems = [], [], []
        if left_out := paths[MAX_PHOTOS:]:
            problems.append(
                f"Only the first {MAX_PHOTOS} of {len(paths)} photos were taken; choose the other {len(left_out)} next."
            )
        chosen = paths[:MAX_PHOTOS]
        yield {stop: gr.Button(interactive=True)}
        for number, path in enumerate(progress.tqdm(chosen, desc="Comparing", unit="photos"), start=1):
            name = Path(path).name
            try:
                photo, comparison = in_turn(opened_and_compared, path)  # one by one: others come in between
                rows.append(row_of(name, photo, comparison))
                file = kept(_side_by_side(photo, comparison), f"{safe_stem(Path(path).stem)}-overlays.jpg", gallery)
                pictures.append((file, _caption(name, comparison)))
            except UserError as error:
                problems.append(f"{name}: {error}")
            refusals = number - len(rows)
            told = "".join(f"<li>{html.escape(problem)}</li>" for problem in problems)
            yield [
                pictures,
                f"{len(rows)} of {len(chosen)} photos done{f', {refusals} refused' if refusals else ''}.",
                told and f"<ul>{told}</ul>",
                gr.DownloadButton(value=kept(as_csv(rows), "comparison.csv", table), visible=bool(rows)),
                # Between, Stop is left as it is: a photo told late would undo what pressing it did.
                gr.Button(interactive=False) if number == len(chosen) else gr.skip(),
            ]

    outputs = [gallery, progress_line, refused, table, stop]
    run = start.click(compare_all, files, outputs, api_visibility="private", show_progress_on=gallery)
    stop.click(lambda: gr.Button(interactive=False), None, stop, cancels=[run], queue=False, **QUIET)


def _legend():
    left, right = (TITLES[name] for name in chosen_pair())
    classes = "".join(
        f'<span><i class="swatch" style="background:rgb{colour}"></i>{name}</span>'
        for name, colour in zip(CLASS_NAMES, PALETTE)
    )
    return f"<p>{classes} On the left {left}, on the right {right}.</p>"


def _side_by_side(photo: Photo, comparison: Comparison) -> bytes:
    """Both overlays as one JPEG file."""
    ground = photo.image.copy()
    ground.thumbnail((_LONG_SIDE, _LONG_SIDE))
    overlays = [overlay_image(ground, seen.class_map) for seen in comparison.segmentations.values()]
    return encoded(beside_one_another(overlays, _GAP), "JPEG", quality=85)


def _caption(name, comparison):
    pets = ", ".join(
        f"{TITLES[network]} {100 * seen.shares[CLASS_NAMES[PET]]:.1f} % {CLASS_NAMES[PET]}"
        for network, seen in comparison.segmentations.items()
    )
    agreement = "" if comparison.agreement is None else f"; they agree on {100 * comparison.agreement:.1f} %"
    return f"{name}: {pets}{agreement}"
