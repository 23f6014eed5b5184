"""The tab that tells, from the saved report, which network is better, why, and where."""

import contextlib
import html

import gradio as gr

from seg.errors import UserError
from seg.evaluation.saved_report import is_about, read_report, report_on, report_problem
from seg.networks.weights import read_history
from seg.report.contest_in_words import headline, lead_in_words
from seg.report.reasons import not_measured, reasons
from seg.ui.about.glossary import explained
from seg.ui.contest import gallery
from seg.ui.contest.curves_and_breeds import breed_charts, training_curves
from seg.ui.contest.score_tables import confusion_tables, further_words, key_figures, native_table, results_table
from seg.ui.contest.skip_tables import silenced_tables, twins_table
from seg.ui.contest.two_by_two_table import two_by_two_table
from seg.ui.events import QUIET
from seg.ui.server.serving import Service

HOW_TO_MAKE_ONE = (
    "`python -m seg.report` makes one of the weights in `weights/`: it runs both networks over the test photos, and"
    " after a restart of the app this tab shows what it found."
)

_UNREADABLE = (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError, StopIteration)
"""What a report raises that another version has written, or that is damaged."""

_CHAPTERS = (
    ("All scores and costs", lambda report, _: results_table(report) + further_words(report)),
    ("What is taken for what", confusion_tables),
    ("What each skip connection carries", lambda report, _: silenced_tables(report)),
    ("Networks that never had skip connections", lambda report, _: twins_table(report)),
    ("Decoder or start", lambda report, _: two_by_two_table(report)),
    ("Breed by breed", breed_charts),
    ("Photos at their own size", lambda report, _: native_table(report)),
)
"""What is folded below the story: its title, and what makes HTML of the report, and of whether there are photos."""


def build(page: gr.Blocks, service: Service, tabs: gr.Tabs, photo: gr.Image) -> None:
    """Builds the contents of the tab.

    Args:
        photo: where a chosen photo is opened, in the tab ``compare`` of ``tabs``.
    """
    notice = gr.Markdown(elem_id="contest-notice", visible=False)
    with gr.Column(visible=False) as contents:
        story = gr.HTML(elem_id="contest-verdict", elem_classes="flush")
        chapters = gr.HTML(elem_id="contest-chapters", elem_classes="flush", js_on_load=gallery.ASK)
        photos, photos_of = gallery.build(service, tabs, photo, chapters)

    def show():
        report, remark = report_for(service)
        if report is not None:
            try:
                told = story_of(report, service)
            except _UNREADABLE:
                report, remark = None, "The saved report cannot be read. `python -m seg.report` writes it anew."
        if report is None:
            return {notice: gr.Markdown(remark, visible=True), contents: gr.Column(visible=False)}
        folder = pictures_folder(report, service)
        told, folded = explained(told, chapters_of(report, folder))
        shown = {notice: gr.Markdown(visible=False), contents: gr.Column(visible=True), story: told, chapters: folded}
        return shown | photos_of(report if folder else None)

    page.load(show, None, [notice, contents, story, chapters, *photos], **QUIET)


def pictures_folder(report: dict, service: Service):
    """The folder with photos and histories that belong to a report; None for one from the Hub, which has neither."""
    # By contents: two events at once read the file twice.
    return service.bundled_folder if report == read_report(service.bundled_folder) else None


def story_of(report: dict, service: Service) -> str:
    """HTML of the contest in short: who is ahead, why, and four figures."""
    configs = {name: segmenter.config for name, segmenter in service.networks.compared.items()}
    because = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in reasons(report, configs, _epochs(service)))
    return (
        f'<div class="contest-story"><h2>{html.escape(headline(report))}</h2>'
        f"<p>{html.escape(lead_in_words(report))}</p>"
        f"<h3>Why</h3><ol>{because}</ol><p>{html.escape(not_measured(report, configs))}</p></div>{key_figures(report)}"
    )


def chapters_of(report: dict, folder) -> str:
    """HTML of everything else, folded; what the report lacks is named.

    Args:
        folder: as of `pictures_folder`.
    """
    parts, missing = [], []
    has_photos = folder is not None and gallery.gallery_of(folder, report) is not None
    for title, content_of in _CHAPTERS:
        try:
            if content := content_of(report, has_photos):
                parts.append(_folded(title, content))
        except _UNREADABLE:
            missing.append(title)
    if folder is not None:
        names = report["contest"]["order"]
        parts.append(_folded("How training went", f'<div id="contest-curves">{training_curves(folder, names)}</div>'))
    if missing:
        parts.append(
            f'<p id="contest-missing">This report does not have: {html.escape("; ".join(missing).lower())}.'
            " <code>python -m seg.report</code> writes it anew.</p>"
        )
    return "".join(parts)


def _folded(title: str, content: str) -> str:
    return f'<details class="contest-chapter"><summary>{html.escape(title)}</summary>{content}</details>'


def _epochs(service):
    """For how many epochs each network was trained, of those whose history is there."""
    found = {}
    for name, segmenter in service.networks.compared.items():
        with contextlib.suppress(UserError):
            found[name] = len(read_history(segmenter.folder))
    return found


def report_for(service: Service) -> tuple[dict | None, str]:
    """The report on the networks that run, or why there is none.

    Returns:
        The contents of ``report.json`` and an empty sentence, or None and Markdown. A report on other weights is
        none: its numbers would be taken for those of the networks that run.
    """
    report = read_report(service.bundled_folder)
    running = service.networks
    if is_about(report, {name: segmenter.digest for name, segmenter in running.compared.items()}):
        return report, ""
    if (theirs := report_on(running.compared)) is not None:
        return theirs, ""
    if report is None:
        problem = report_problem(service.bundled_folder) or "There is no saved report of this contest yet."
        return None, f"{problem} {HOW_TO_MAKE_ONE}"
    origins = " and ".join(sorted({html.escape(running.origins[name]) for name in running.compared}))
    return None, (
        f"This page runs {origins or 'no network'}, of which there is no saved report; the one that comes with this app"
        f" is about other weights. {HOW_TO_MAKE_ONE}"
    )
