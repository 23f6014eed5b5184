"""Takes a comparison home: masks, overlays, cut-outs and numbers."""

from pathlib import Path

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from seg.classes import CLASS_NAMES
from seg.download_files import make_files, safe_stem, zipped
from seg.errors import UserError
from seg.networks import TITLES
from seg.regions import largest_disagreements
from seg.serving import Service
from seg.ui.compare_tab import REGIONS
from seg.ui.example_photos import name_of
from seg.ui.photo_input import shown
from seg.ui.recent import Look, RecentLooks
from seg.ui.shares_table import numbers_of
from seg.ui.verdict import place


STYLE = """
/* Nothing is gained by taking a file off the list. */
#download-files .label-clear-button { display: none; }
"""


def build(service: Service, look_key: gr.State, recent: RecentLooks) -> None:
    """Builds the section; files are made only when someone asks for them.

    Args:
        look_key: key of the comparison on the page, or None.
        recent: recalls it.
    """
    with gr.Row(visible=False) as section:
        everything = gr.Button("Download everything (ZIP)", elem_id="download-zip", min_width=240)
        singly = gr.Button("Show single files", elem_id="download-list", min_width=240)
    files = gr.File(label="Masks, overlays, cut-out pets and numbers", file_count="multiple", interactive=False, visible=False, elem_id="download-files")
    # Gradio's button downloads what it holds when it is clicked: it is clicked once the archive is there.
    archive = gr.DownloadButton(visible="hidden", elem_id="download-archive")

    def contents(key):
        try:
            look = recent.recall(key)
            source = look.photo.source
            stem = safe_stem(name_of(Path(source)) if isinstance(source, str) else "")
            return stem, make_files(stem, look.photo, look.comparison, numbers_on_page(look, service), look.truth)
        except UserError as error:
            raise shown(error) from error

    def make_archive(key):
        stem, made = contents(key)
        return save_bytes_to_cache(zipped(made), f"{stem}-comparison.zip", archive.GRADIO_CACHE)

    def make_list(key):
        _, made = contents(key)
        return gr.File([save_bytes_to_cache(content, name, files.GRADIO_CACHE) for name, content in made.items()], visible=True, interactive=False)

    made = everything.click(make_archive, look_key, archive, api_visibility="private", show_progress_on=everything)
    made.success(None, js="() => { document.getElementById('download-archive').click(); return []; }")
    singly.click(make_list, look_key, files, api_visibility="private", show_progress_on=singly)
    # Files of another photo must not stay.
    look_key.change(
        lambda key: [gr.Row(visible=key is not None), gr.File(None, visible=False)], look_key, [section, files], api_visibility="private", show_progress="hidden"
    )


def numbers_on_page(look: Look, service: Service) -> dict:
    """Every number that the page shows of a comparison, as JSON can hold them.

    Returns:
        What `numbers_of` does, and ``photo``: its size; ``largest_differences``:
        place, box (left, top, right, bottom, 0..1 of width and height), share
        of the pixels and the class that each network mostly says there;
        ``test_scores`` of the networks, by name.
    """
    seen = look.comparison.segmentations
    regions = largest_disagreements(*(s.class_map for s in seen.values()), REGIONS) if len(seen) == len(TITLES) else []
    return {
        "photo": {"width": look.photo.width, "height": look.photo.height},
        **numbers_of(look.comparison, look.truth),
        "largest_differences": [
            {"place": place(region), "box": region.box, "share": region.share, **{name: CLASS_NAMES[c] for name, c in zip(TITLES, region.classes)}}
            for region in regions
        ],
        "test_scores": {name: segmenter.metrics for name, segmenter in service.networks.segmenters.items()},
    }
