"""The tab that compares what the networks see in one photo."""

import contextlib
import functools
import itertools
from dataclasses import replace
from pathlib import Path

import gradio as gr

from seg.classes import NUM_CLASSES, numbered
from seg.errors import UserError
from seg.images.photos import Photo, open_photo
from seg.images.trimaps import open_trimap
from seg.inference.comparison import Comparison
from seg.inference.numbers import numbers_of
from seg.networks import TITLES, chosen_pair
from seg.ui import links
from seg.ui.compare import downloads, part, skips, stage, verdict
from seg.ui.compare.differences import largest_regions
from seg.ui.compare.stage import Scene, Stage
from seg.ui.events import QUIET
from seg.ui.example_photos import EXAMPLES, HARD, NAMES, known_photo, name_of, true_class_map
from seg.ui.photo_input import PhotoInput, shown
from seg.ui.scripts import script
from seg.ui.server.newest import CHOICE, NewestPhotos, Replaced
from seg.ui.server.recent import Look, RecentLooks
from seg.ui.server.serving import Service
from seg.ui.server.turns import IN_TURN, in_turn
from seg.ui.weights_status import weights_status

_FIRST_SEEN = next(path for path in EXAMPLES if path.stem == "boxer_26")


def build(page: gr.Blocks, service: Service) -> tuple[PhotoInput, gr.Radio]:
    """Builds the contents of the tab; each photo goes to the networks that the service holds then.

    Returns:
        The input, where a new value starts a comparison; and the choice of `seg.ui.compare.stage.VIEWS`.
    """
    recent, newest = RecentLooks(), NewestPhotos()
    _, scene, sentences, numbers = _first_seen(service)
    with gr.Row(elem_id="compare"):
        with gr.Column(scale=4, min_width=300, elem_id="input"):
            photo = PhotoInput(
                label="Photo",
                elem_id="photo",
                sources=["upload", "webcam", "clipboard"],
                height=320,
                buttons=[],
                placeholder="Drop a pet photo here, or click to choose one",
                alt_text="The chosen photo",
            )
            pair = gr.Dropdown(
                _pairs(service), value=_pairs(service)[0][1], label="Compare", elem_id="pair", visible=False
            )
            another = gr.Button("Change photo", elem_id="another", size="sm")
            gr.Examples(
                [[str(path)] for path in EXAMPLES],
                inputs=photo,
                label="Or try one that neither network was trained on",
                elem_id="examples",
            )
        with gr.Column(scale=9, min_width=300, elem_id="results"):
            view = gr.Radio(stage.VIEWS, value=links.FIRST_VIEW, label="View", elem_id="view", interactive=True)
            views = Stage(value=scene, elem_id="views", elem_classes="flush")
            strength = gr.Slider(
                0, 100, value=50, step=5, label="Overlay strength, %", elem_id="strength", interactive=True, buttons=[]
            )
            answers = gr.Markdown(sentences, elem_id="verdict")
            shares = gr.HTML(
                numbers,
                label="Pixel shares",
                elem_id="shares",
                html_template=script("compare/shares_table.html"),
                css_template=script("compare/shares_table.css"),
            )
            with gr.Accordion("You know the truth? Add its mask", open=False, elem_id="truth"):
                trimap = gr.File(
                    label=f"Trimap (PNG): {numbered(1)}, or {', '.join(map(str, range(NUM_CLASSES)))}",
                    file_types=[".png"],
                    type="filepath",
                    height=120,
                    elem_id="trimap",
                )
            status = gr.HTML(elem_id="weights")
    look_key = gr.State()  # key of the comparison on the page, or None
    choice = gr.Textbox(visible=False)
    told = [views, answers, shares]
    fills_the_page = {
        "api_visibility": "private",
        "trigger_mode": "always_last",
        "show_progress": "minimal",
        "show_progress_on": views,
        **IN_TURN,
    }

    def on_page(key: str | None) -> Look:
        return recent.recall(key) if key else _first_seen(service)[0]

    def compare(
        image: Photo | UserError | None, began_with: str, shown_key: str | None, pair: str | None, request: gr.Request
    ):
        """Key, what `told` shows, and the photo, replaced where browsers cannot show it."""
        if image is None:
            return None, *_first_seen(service, pair)[1:], gr.skip()
        if isinstance(image, UserError):  # a toast, since the page goes on with the example
            toast = shown(image)
            gr.Warning(toast.message, toast.duration, title=toast.title)
            return None, *_first_seen(service, pair)[1:], None
        with contextlib.suppress(UserError):  # forgotten
            if recent.glance(shown_key).replaced_by == image.source:
                return gr.skip()
        networks = service.networks
        try:
            check = functools.partial(newest.check, began_with, request)
            comparison = in_turn(networks.compare, image, before_each=check, pair=pair and pair.split(","))
        except Replaced:  # the newer photo's own comparison fills the page
            return gr.skip()
        replacement = None if image.shown_by_browsers else _replacement(image)
        look = _look(image, comparison, service.bundled_folder, networks, replacement)
        return recent.remember(look), *_told(look, image), replacement or gr.skip()

    def compare_again(pair: str | None, key: str | None):
        """The photo on the page, with the other networks that were chosen."""
        networks = service.networks
        before = on_page(key)
        image = open_photo(before.source)
        comparison = in_turn(networks.compare, image, pair=pair and pair.split(","))
        look = replace(before, comparison=comparison, digests=networks.digests)
        return recent.remember(look), *_told(look, image)

    def judge(trimap_path: str | None, key: str | None):
        """The comparison on the page, with a truth: no network runs."""
        if key is None:
            raise UserError("Choose the photo first, then its true mask.")
        look = recent.recall(key)
        image = open_photo(look.source)
        truth = look.known_truth if trimap_path is None else open_trimap(trimap_path, look.width, look.height)
        look = replace(look, truth=truth)
        return recent.remember(look), *_told(look, image)

    another.click(None, js="() => document.querySelector('#photo input[type=file]').click()", api_visibility="private")
    pending = script("compare/pending.js", NETWORK_TITLES=[TITLES[name] for name in chosen_pair()])
    photo.change(None, [photo, views], [views, trimap], js=pending, api_visibility="private")
    compared = photo.change(
        compare,
        [photo, choice, look_key, pair],
        [look_key, *told, photo],
        js=f"(photo, choice, key, pair) => [photo, {CHOICE}, key, pair]",
        **fills_the_page,
    )
    # Unprepared, since only the choice goes to the server: the photo is read once, by the comparison.
    photo.change(
        newest.announce,
        [photo, choice],
        None,
        js=f"photo => [null, {CHOICE}]",
        preprocess=False,
        queue=False,
        trigger_mode="multiple",
        **QUIET,
    )
    judged = gr.on([trimap.upload, trimap.clear], judge, [trimap, look_key], [look_key, *told], **fills_the_page)
    part.build(service, views, trimap, look_key, recent, told, _told)
    skips.build(service, views, look_key, on_page)
    pair.input(compare_again, [pair, look_key], [look_key, *told], **fills_the_page)
    # What an earlier photo showed must not stand beside one that could not be compared.
    compared.failure(lambda: [None] * 4, None, [look_key, *told], queue=False, **QUIET)
    compared.success(None, views, None, js=script("compare/to_results.js"))
    # A refused mask takes nothing away but itself.
    judged.failure(lambda: None, None, trimap, **QUIET)
    strength.input(
        None,
        strength,
        None,
        js="share => { document.documentElement.style.setProperty('--overlay-strength', share / 100); return []; }",
    )
    page.load(
        None,
        js=script(
            "compare/begin.js", EXAMPLES=[{"name": f"Example: {name}", "hard": hard} for name, hard in zip(NAMES, HARD)]
        ),
    )
    built_with = service.networks

    # Which weights run can change while the app is up.
    def with_what_runs():
        now = {pair: gr.Dropdown(_pairs(service), visible=len(service.networks.segmenters) > 2)}
        return now if service.networks is built_with else now | dict(zip(told, _first_seen(service)[1:]))

    page.load(with_what_runs, None, [pair, *told], **QUIET)
    for moment in (page.load, compared.then):
        moment(lambda: weights_status(service), None, status, **QUIET)
    downloads.build(look_key, recent)
    links.build_link(look_key, recent, view)
    return photo, view


def _pairs(service):
    """What can be compared, the pair of `seg.networks.chosen_pair` first: titles, and names with a comma between."""
    usual = chosen_pair()
    others = (pair for pair in itertools.combinations(service.networks.segmenters, 2) if set(pair) != set(usual))
    return [(" and ".join(TITLES[name] for name in pair), ",".join(pair)) for pair in (usual, *others)]


def _first_seen(service, pair=None):
    """A look at an example, and what is told of it before anybody has chosen a photo."""
    return _first_look(service, service.networks, pair or ",".join(chosen_pair()))


@functools.lru_cache(maxsize=4)
def _first_look(service, networks, pair):
    image = open_photo(str(_FIRST_SEEN))
    try:
        comparison = networks.compare(image, pair=pair.split(","))
    except UserError:
        return None, None, None, None
    look = _look(image, comparison, service.bundled_folder, networks)
    return look, *_told(look, image, example=NAMES[EXAMPLES.index(_FIRST_SEEN)])


def _look(image: Photo, comparison: Comparison, bundled_folder, networks, replacement=None) -> Look:
    known = known_photo(image, bundled_folder)
    truth = true_class_map(known)
    return Look(
        source=image.source,
        width=image.width,
        height=image.height,
        comparison=comparison,
        truth=truth,
        known_truth=truth,
        known_as=known and name_of(known),
        test_scores={name: segmenter.metrics for name, segmenter in networks.segmenters.items()},
        skips={name: skip.name for name, (_, skip) in networks.skips.items()},
        digests=networks.digests,
        replaced_by=replacement,
    )


def _told(look: Look, image: Photo, example: str | None = None) -> tuple:
    """What the page shows of a comparison: a scene, sentences, and numbers."""
    comparison = look.comparison
    regions = largest_regions(comparison)
    numbers = numbers_of(comparison, look.truth)
    answer = verdict.answer(numbers, comparison.report)
    sentences = verdict.verdict(numbers, regions, comparison.report)
    sentences |= verdict.way_out(numbers, look.width, look.height)
    listed = "\n".join(f"- **{about}** {sentence}" for about, sentence in sentences.items())
    return Scene(look, image.image, regions, numbers, answer, example), listed, numbers


def _replacement(image: Photo) -> str:
    """Path of a JPEG to show in place of a photo, such as HEIC, that browsers cannot show."""
    jpeg = Path(image.source).with_suffix(".shown.jpg")  # not the source, whatever its name
    image.image.save(jpeg, "JPEG", quality=92)
    return str(jpeg)
