"""Why one network is ahead, in sentences that follow from what was measured."""

from seg.networks import DEFAULT_PAIR, TITLES
from seg.networks.stages import pretrained_layers, stages_of
from seg.networks.vgg16 import CONVOLUTIONS
from seg.report.experiments import skips_of_twins, steps_of

_RANDOM_ENCODER = "encoder at random"
_TWICE = "twice the epochs"


def reasons(report: dict, configs: dict, epochs: dict) -> list[str]:
    """Three sentences: what the start from ImageNet, the skip connections and the training time are worth.

    Args:
        report: contents of ``report.json``.
        configs: as `seg.networks.weights.read_config` returns them, by network name.
        epochs: for how many each network was trained, by name; without those of which that is not known.
    """
    return [_start(report, configs), _skips(report), _time(report, epochs)]


def not_measured(report: dict, configs: dict) -> str:
    """What the reasons leave open, in a few sentences."""
    told = []
    if "trials" in report:
        told.append(
            "What one thing is worth was measured in short trainings on small photos, on validation photos: it says"
            " which effects are large, not what they are after a long training."
        )
    if two := report.get("two_by_two"):
        apart = max(max(cell["by_seed"]) - min(cell["by_seed"]) for cell in two["cells"])
        told.append(
            f"Start and decoder were told apart in trainings of {steps_of(two)} steps, in which seeds of one network"
            f" lie up to {apart:.3f} apart: a decoder that learns faster gains there, and may not after a long"
            " training."
        )
    if any(0 < len(_pretrained(config)) < len(CONVOLUTIONS) for config in configs.values()):
        told.append("How far a wholly pretrained encoder would come was not measured.")
    return " ".join(told)


def signed(value: float) -> str:
    """A difference of scores, with its sign: ``+0.012``."""
    return f"{value:+.3f}".replace("-", "−")


def _start(report, configs):
    told = []
    for name, config in configs.items():
        count = len(_pretrained(config))
        told.append(
            f"{TITLES[name]} started with {count} of VGG-16's {len(CONVOLUTIONS)} convolutions pretrained on ImageNet"
            if count
            else f"{TITLES[name]} started at random"
        )
    costs = [f"{TITLES[name]} {-gained:.3f} mean IoU" for name, gained in _gained(report, _RANDOM_ENCODER)]
    gain = "what that is worth was not measured"
    if worth := _worth(report, "start"):
        values = " and ".join(f"{signed(value)} mean IoU to {TITLES[name]}'s" for name, value in worth.items())
        gain = f"in short trainings, alike in everything else, that start was worth {values} decoder"
    elif costs:
        gain = f"in a short training a random start of the pretrained layers cost {' and '.join(costs)}"
    return f"The start: {' and '.join(told)}; {gain}."


def _skips(report):
    order = report["contest"]["order"]
    pairs = {name: seeds.values() for name, seeds in skips_of_twins(report).items()}
    gains = {name: sum(a - b for a, b in pairs[name]) / len(pairs[name]) for name in order if name in pairs}
    if len(gains) < 2:
        return "Skip connections: what they are worth was not measured."
    values = " and ".join(f"{signed(gain)} mean IoU to {TITLES[name]}" for name, gain in gains.items())
    winner, other = order if report["contest"]["mean_iou"]["difference"] >= 0 else order[::-1]
    so = (
        f"they alone do not put {TITLES[winner]} ahead"
        if gains[winner] <= gains[other]
        else f"{TITLES[winner]} gains more by its own"
    )
    return (
        f"Skip connections: twins that had none from the start show them to be worth {values}, so {so}"
        f"{_decoder(report)}."
    )


def _decoder(report):
    """What the second network's way of joining them is worth: by its whole decoder, which is more than its skips."""
    values = " and ".join(
        f"{signed(value)}{'' if start == 'imagenet' else ' (if it is not pretrained)'}"
        for start, value in _worth(report, "decoder").items()
    )
    if not values:
        return ""
    first, second = DEFAULT_PAIR
    own = ""
    if skips := _worth(report, "skips"):
        gains = " and ".join(f"{signed(value)} to {TITLES[name]}'s decoder" for name, value in skips.items())
        own = f" skip connections are worth {gains}, and"
    instead = f"{TITLES[second]}'s decoder instead of {TITLES[first]}'s"
    return f"; behind one and the same pretrained encoder{own} {instead} {values}"


def _time(report, epochs):
    told = " and ".join(f"{TITLES[name]} for {count} epochs" for name, count in epochs.items())
    longer = " and ".join(f"{signed(gained)} mean IoU to {TITLES[name]}" for name, gained in _gained(report, _TWICE))
    worth = (
        f"twice the epochs were worth {longer} in a short training"
        if longer
        else "what more would bring was not measured"
    )
    return f"Training time: {told or 'how long they were trained is not known'}; {worth}."


def _gained(report, change):
    """Network and gain in mean IoU of each trial whose change begins like that."""
    rows = report.get("trials", {}).get("changes", [])
    return [(row["network"], row["gained"]["mean_iou"]) for row in rows if row["change"].startswith(change)]


def _worth(report, kind):
    """Values of the two-by-two's effects of a kind, such as ``"start"``; none where one was not measured."""
    effects = report.get("two_by_two", {}).get(kind, {})
    return {} if None in effects.values() else {key: effect["value"] for key, effect in effects.items()}


def _pretrained(config):
    return pretrained_layers(stages_of(config))
