"""Which weights run, and how good they are."""

import html

from seg.networks import TITLES
from seg.serving import Service


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
