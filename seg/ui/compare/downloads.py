"""Takes a comparison home: masks, overlays, cut-outs and numbers."""

import os
import tempfile
from pathlib import Path

import gradio as gr

from seg.classes import CLASS_NAMES
from seg.inference.download_files import make_files, safe_stem, write_zip
from seg.inference.numbers import numbers_of
from seg.ui.compare.differences import largest_regions
from seg.ui.compare.verdict import place
from seg.ui.events import QUIET
from seg.ui.example_photos import name_of
from seg.ui.server.recent import Look, RecentLooks
from seg.ui.server.uploads import kept


def build(look_key: gr.State, recent: RecentLooks) -> None:
    """Builds the section; files are made only when someone asks for them.

    Args:
        look_key: key of the comparison on the page, or None; ``recent`` recalls it.
    """
    with gr.Row(visible=False) as section:
        everything = gr.Button("Download everything (ZIP)", elem_id="download-zip", min_width=240)
        singly = gr.Button("Show single files", elem_id="download-list", min_width=240)
    files = gr.File(
        label="Masks, overlays, cut-out pets and numbers",
        file_count="multiple",
        interactive=False,
        visible=False,
        elem_id="download-files",
    )
    # Gradio's button downloads what it holds when it is clicked: it is clicked once the archive is there.
    archive = gr.DownloadButton(visible="hidden", elem_id="download-archive")

    def files_of(key):
        """How the files' names start, and the name and content of each."""
        look = recent.recall(key)
        stem = safe_stem(name_of(Path(look.source)))
        return stem, make_files(stem, look.source, look.comparison, numbers_on_page(look), look.truth)

    def make_archive(key):
        stem, made = files_of(key)
        path = Path(tempfile.mkdtemp(dir=archive.GRADIO_CACHE), f"{stem}-comparison.zip")
        write_zip(path, made)
        return str(path)

    def make_list(key):
        _, made = files_of(key)
        paths = sorted((kept(content, name, files) for name, content in made), key=os.path.basename)
        return gr.File(paths, visible=True, interactive=False)

    one_at_a_time = {"concurrency_id": "downloads", "concurrency_limit": 1, "api_visibility": "private"}
    made = everything.click(make_archive, look_key, archive, show_progress_on=everything, **one_at_a_time)
    made.success(None, js="() => { document.getElementById('download-archive').click(); return []; }")
    singly.click(make_list, look_key, files, show_progress_on=singly, **one_at_a_time)
    # Files of another photo must not stay.
    look_key.change(
        lambda key: [gr.Row(visible=key is not None), gr.File(None, visible=False)],
        look_key,
        [section, files],
        **QUIET,
    )


def numbers_on_page(look: Look) -> dict:
    """Every number that the page shows of a comparison, as JSON can hold them.

    Returns:
        What `numbers_of` does, and ``photo``: its size; ``largest_differences``:
        place, box (left, top, right, bottom, 0..1 of width and height), share
        of the pixels, the class that each network mostly says there, and the share of each pair of classes;
        ``test_scores`` of the networks, by name.
    """
    seen = look.comparison.segmentations
    return {
        "photo": {"width": look.width, "height": look.height},
        **numbers_of(look.comparison, look.truth),
        "largest_differences": [
            {
                "place": place(region),
                "box": region.box,
                "share": region.share,
                **_said(seen, region.classes),
                "pairs": [_said(seen, classes) | {"share": share} for classes, share in region.shares.items()],
            }
            for region in largest_regions(look.comparison)
        ],
        "test_scores": look.test_scores,
    }


def _said(networks, classes):
    return {name: CLASS_NAMES[class_id] for name, class_id in zip(networks, classes)}
