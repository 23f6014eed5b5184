"""Which weights run, and how good they are."""

import html

from seg.networks import TITLES
from seg.ui.server.serving import FLIP_AVERAGED, Service


def weights_status(service: Service) -> str:
    """HTML that names the weights, their scores on the test split, and what is missing."""
    networks = service.networks
    warnings = [sentence for sentence in (service.notice, *networks.problems.values()) if sentence]
    scores = {
        name: f"{TITLES[name]}: {_scores(networks.segmenters[name].metrics)}"
        for name in TITLES
        if name in networks.segmenters
    }
    origins = {name: html.escape(networks.origins[name]) for name in scores}
    if len(scores) > 1 and len(set(origins.values())) == 1:
        lines = [*scores.values(), f"{'Both' if len(scores) == 2 else 'All'}: {origins.popitem()[1]}"]
    else:
        lines = [f"{score}, {origins[name]}" for name, score in scores.items()]
    if service.flip_averaging:
        lines.append(FLIP_AVERAGED)
    return (
        "".join(f"<p role='alert'>⚠ {html.escape(warning)}</p>" for warning in warnings)
        + f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
    )


def _scores(metrics):
    try:
        return (
            f"test pixel accuracy <b>{metrics['pixel_accuracy']:.3f}</b>, "
            f"mean IoU <b>{metrics['mean_iou']:.3f}</b> ({metrics['photos']:,} photos)"
        )
    except (TypeError, KeyError, ValueError):
        return "test scores unknown"
