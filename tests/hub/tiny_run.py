"""Trains, measures, pushes, pulls and shows TinyNet and U-Net, in a copy of this project; prints what came of it.

python tiny_run.py DATA_DIR USER/REPO
"""

import contextlib
import json
import sys
from functools import partial
from pathlib import Path

data_dir, repo = sys.argv[1:]
sizes = ["--image-size", "32", "--batch-size", "8", "--epochs", "1", "--precision", "float32"]
widths = ["--base-filters", "2", "--tiny-filters", "5"]
with contextlib.redirect_stdout(sys.stderr):
    from seg.report.write import write_report
    from seg.training.command import main
    from seg.training.trials import TRIALS_TO_RUN

    status = main(
        ["--data-dir", data_dir, *sizes, *widths, "--push-to", repo], make_report=partial(write_report, scored_at=64)
    )
    assert status == 0, status

    from seg.images.photos import open_photo
    from seg.inference.several_photos import as_csv, row_of
    from seg.ui.about import tab as about
    from seg.ui.about.drawings import draw
    from seg.ui.about.feature_pictures import draw_feature_maps
    from seg.ui.compare import tab as compare
    from seg.ui.compare.stage import Stage
    from seg.ui.contest.tab import chapters_of, report_for, story_of
    from seg.ui.page import build_page
    from seg.ui.server.serving import Service

    service = Service(Path("none"))
    service.fetch_from_hub(repo, "main").join()
    assert service.is_complete(), service.notice
    page = build_page(service)
    networks, path = service.networks, "seg/ui/examples/boxer_26.jpg"
    photo = open_photo(path)
    compared = networks.compare(photo)
    silenced = networks.compare(photo, without=["tiny.1"])
    the_other_way = networks.compare(photo, pair=("unet", "tiny"))
    scene, sentences, numbers = compare._told(compare._look(photo, compared, service.bundled_folder, networks), photo)
    report, _ = report_for(service)
    segmenters = networks.segmenters

print(
    json.dumps(
        {
            "title": page.title,
            "numbers": numbers,
            "silenced_differs": bool(
                (silenced.segmentations["tiny"].logits != compared.segmentations["tiny"].logits).any()
            ),
            "scene": Stage(render=False).postprocess(scene),
            "style": Stage(render=False).css_template,
            "verdict": sentences,
            "pairs": compare._pairs(service),
            "counts": [compared.counts.tolist(), the_other_way.counts.T.tolist()],
            "csv": as_csv([row_of("a.jpg", photo, compared)]).decode(),
            "report": report,
            "story": story_of(report, service) + chapters_of(report, None),
            "drawing": draw("tiny", segmenters["tiny"].anatomy),
            "steps": about._steps({name: each.anatomy for name, each in segmenters.items()}),
            "features": draw_feature_maps(segmenters, path),
            "trials": [trial.change for trial in TRIALS_TO_RUN if trial.network == "tiny"],
        }
    )
)
