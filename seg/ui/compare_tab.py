"""The tab that compares what the networks see in one photo."""

from typing import NamedTuple

import gradio as gr

from seg.errors import UserError
from seg.networks import TITLES
from seg.photos import Photo
from seg.regions import largest_disagreements
from seg.serving import Service
from seg.trimaps import open_trimap
from seg.ui import difference_map, network_views, verdict
from seg.ui.example_photos import EXAMPLES, NAMES, true_class_map
from seg.ui.network_views import NetworkViews
from seg.ui.newest import CHOICE, NewestPhotos, Replaced
from seg.ui.photo_input import PhotoInput, replacement, shown
from seg.ui.recent import Look, RecentLooks
from seg.ui.scripts import DESCRIBE_PICTURES, TO_NEW_RESULTS
from seg.ui.shares_table import SharesTable, numbers_of
from seg.ui.turns import AT_WORK, IN_TURN
from seg.ui.weights_status import weights_status
from seg.ui.wipe import PAIRS, wiped

REGIONS = 3
"""How many of the largest differences are told."""

_VIEWS = [*network_views.VIEWS, ("Differences", "differences"), ("Slider", "slider")]

STYLE = (
    network_views.STYLE
    + difference_map.STYLE
    + """
#compare:not(:has(#view input[value=differences]:checked)) #differences-view { display: none; }
#compare:not(:has(#view input[value=slider]:checked)) #slider-view { display: none; }
#compare:has(#view :is(input[value=differences], input[value=slider]):checked) #views:not(:has(.empty)) { display: none; }
/* Without a photo every view is the same sentence. */
#compare:has(#views .empty) :is(#differences-view, #slider-view, .form:has(#strength)) { display: none; }
#view label { padding: 6px 10px; }
#verdict ul { list-style: none; margin: 0; padding: 4px 12px; border: 1px solid var(--border-color-primary); border-radius: 8px; }
#verdict li { margin: 0; padding: 6px 0; }
#verdict li strong { display: block; }
@media (min-width: 700px) { #verdict li { display: grid; grid-template-columns: 11.5em 1fr; } }
/* The dark blue of the background is hardly seen on Gradio's dark grey. */
.dark #shares .track { background: var(--neutral-400); }
#weights ul { list-style: none; margin: 0; padding: 0; }
/* On a phone the results come before what is known of the weights. */
@media (max-width: 699px) { #compare > .column { display: contents; } #compare > .column > * { flex: 0 0 auto; width: 100%; min-width: 0; } #compare { flex-direction: column; } #weights { order: 1; } }
/* One portrait among the examples would make its whole row as high. */
#examples .gallery-item img { height: 60px; object-fit: cover; }
#examples .gallery-item .container { height: auto; }
@media (max-width: 699px) { #examples .gallery { flex-wrap: nowrap; overflow-x: auto; } #examples .gallery-item { flex: none; } }
"""
)


class CompareTab(NamedTuple):
    """What other parts of the page need of the tab.

    Attributes:
        photo: the input; a new value starts a comparison.
        view: the chosen view, see ``_VIEWS``.
        compared: the event of a comparison, to follow with `then` or `success`.
        look_key: holds the key of the comparison on the page, or None.
        recent: recalls that comparison by the key.
    """

    photo: PhotoInput
    view: gr.Radio
    compared: gr.events.Dependency
    look_key: gr.State
    recent: RecentLooks


def build(page: gr.Blocks, service: Service) -> CompareTab:
    """Builds the contents of the tab; each photo goes to the networks that the service holds then."""
    recent, newest = RecentLooks(), NewestPhotos()
    with gr.Row(elem_id="compare"):
        with gr.Column(scale=4, min_width=300):
            photo = PhotoInput(
                label="Photo",
                elem_id="photo",
                sources=["upload", "webcam", "clipboard"],
                height=320,
                placeholder="Drop a pet photo here, or click to choose one",
                alt_text="The chosen photo",
            )
            gr.Examples(
                [[str(path)] for path in EXAMPLES],
                inputs=photo,
                label="Or try one that neither network was trained on",
                elem_id="examples",
            )
            with gr.Accordion("You know the truth? Add its mask", open=False, elem_id="truth"):
                trimap = gr.File(
                    label="Trimap (PNG): 1 pet, 2 background, 3 outline, or 0, 1, 2",
                    file_types=[".png"],
                    type="filepath",
                    height=120,
                    elem_id="trimap",
                )
            status = gr.HTML(elem_id="weights")
        with gr.Column(scale=9, min_width=300):
            view = gr.Radio(_VIEWS, value="overlay", label="View", elem_id="view", interactive=True)
            views = NetworkViews(elem_id="views")
            strength = gr.Slider(
                0, 100, value=50, step=5, label="Overlay strength, %", elem_id="strength", interactive=True, buttons=[]
            )
            with gr.Column(elem_id="differences-view"):
                differences = difference_map.difference_map(show_label=False, elem_id="differences")
                gr.Markdown(
                    "Point at a label to see its pixels alone, at the picture to see the photo below them.",
                    elem_id="differences-hint",
                )
                regions_said = gr.Markdown(elem_id="regions")
            with gr.Column(elem_id="slider-view"):
                pair = gr.Radio(
                    PAIRS, value=PAIRS[0][1], show_label=False, container=False, elem_id="pair", interactive=True
                )
                slider = gr.ImageSlider(
                    show_label=False, format="png", interactive=False, elem_id="slider", buttons=["fullscreen"]
                )
                # The handle of the picture follows the mouse only; this one the keyboard, too.
                position = gr.Slider(
                    0, 100, value=50, step=1, label="Position, %", elem_id="position", interactive=True, buttons=[]
                )
                slider_said = gr.Markdown(elem_id="slider-said")
            answers = gr.Markdown(elem_id="verdict")
            shares = SharesTable(label="Pixel shares", elem_id="shares")
    look_key = gr.State()
    choice = gr.Textbox(visible=False)
    results = [look_key, views, differences, regions_said, answers, shares]
    nothing = [None] * len(results)

    def compare(image: Photo | UserError | None, trimap_path: str | None, began_with: str, request: gr.Request):
        if image is None:
            if trimap_path is not None:
                raise shown(UserError("Choose the photo first, then its true mask."))
            return nothing
        try:
            if isinstance(image, UserError):
                raise image
            truth = (
                true_class_map(image, service.bundled_folder)
                if trimap_path is None
                else open_trimap(trimap_path, image.width, image.height)
            )
            with AT_WORK:
                comparison = service.networks.compare(image, before_each=lambda: newest.check(began_with, request))
            look = Look(image, comparison, truth)
        except Replaced:  # the newer photo's own comparison fills the page
            return gr.skip()
        except UserError as error:
            raise shown(error) from error
        seen = [segmentation.class_map for segmentation in comparison.segmentations.values()]
        regions = largest_disagreements(*seen, REGIONS) if len(seen) == len(TITLES) else []
        numbers = numbers_of(comparison, truth)
        return [
            recent.remember(look),
            look,
            difference_map.annotated(image, comparison, regions),
            verdict.differences_in_words(numbers, regions),
            verdict.as_markdown(verdict.verdict(numbers, regions, comparison.report)),
            numbers,
        ]

    def wipe(chosen_view, chosen_pair, key):
        if chosen_view != "slider":
            return gr.skip()
        try:
            return wiped(recent.recall(key), chosen_pair, slider.GRADIO_CACHE) if key else (None, None)
        except UserError as error:
            raise shown(error) from error

    photo.upload(replacement, photo, photo, api_visibility="private", show_progress="hidden")
    # A true mask belongs to one photo: it goes with it, here and in the call.
    photo.change(None, None, trimap, js="() => null", api_visibility="private")
    compared = photo.change(
        compare,
        [photo, trimap, choice],
        results,
        js=f"(photo, trimap) => [photo, null, {CHOICE}]",
        api_visibility="private",
        trigger_mode="always_last",
        show_progress_on=[views, shares],
        **IN_TURN,
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
        api_visibility="private",
        show_progress="hidden",
    )
    judged = gr.on(
        [trimap.upload, trimap.clear],
        compare,
        [photo, trimap, choice],
        results,
        js=f"(photo, trimap) => [photo, trimap, {CHOICE}]",
        api_visibility="private",
        trigger_mode="always_last",
        show_progress_on=[views, shares],
        **IN_TURN,
    )
    # What an earlier photo showed must not stand beside a refused one.
    compared.failure(lambda: nothing, None, results, api_visibility="private", show_progress="hidden")
    compared.success(None, views, None, js=TO_NEW_RESULTS)
    # A refused mask takes nothing away but itself.
    judged.failure(lambda: None, None, trimap, api_visibility="private", show_progress="hidden")
    for moment in (view.change, pair.change, compared.then, judged.then):
        moment(wipe, [view, pair, look_key], [slider, slider_said], api_visibility="private", show_progress="hidden")
    strength.input(
        None,
        strength,
        None,
        js=f"share => {{ document.documentElement.style.setProperty('{network_views.STRENGTH}', share / 100); return []; }}",
    )
    position.input(
        lambda share: gr.update(slider_position=share),
        position,
        slider,
        api_visibility="private",
        show_progress="hidden",
        queue=False,
        trigger_mode="always_last",
    )
    # Gradio gives the buttons of examples no name that a screen reader could say.
    page.load(
        None,
        js=f"() => document.querySelectorAll('#examples button.gallery-item').forEach((button, i) => button.setAttribute('aria-label', {NAMES}[i]))",
    )
    page.load(None, js=DESCRIBE_PICTURES)
    # Which weights run can change while the app is up.
    for moment in (page.load, compared.then):
        moment(lambda: weights_status(service), None, status, api_visibility="private", show_progress="hidden")
    return CompareTab(photo, view, compared, look_key, recent)
