"""Why one network is ahead, in sentences that follow from what was measured."""

from seg.networks import DEFAULT_PAIR, TITLES
from seg.networks.stages import pretrained_layers, stages_of
from seg.networks.vgg16 import CONVOLUTIONS

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
        steps = two["settings"]["epochs"] * two["settings"]["photos"] // two["settings"]["batch_size"]
        told.append(
            f"Start and decoder were told apart in trainings of {steps} steps, in which seeds of one network lie up to"
            f" {apart:.3f} apart: a decoder that learns faster gains there, and may not after a long training."
        )
    pretrained = {name: len(_pretrained(config)) for name, config in configs.items()}
    if any(0 < count < len(CONVOLUTIONS) for count in pretrained.values()):
        told.append("How far a wholly pretrained encoder would come was not measured.")
    return " ".join(told)


def skips_of_twins(report: dict) -> dict:
    """Mean IoU of twins with and without skip connections.

    Returns:
        ``{network: {seed: (with, without)}}``, of those that have both.
    """
    found = {}
    for twin in report.get("twins", []):
        found.setdefault((twin["network"], twin["seed"]), {})[twin["skips"]] = twin["mean_iou"]
    gains = {}
    for (name, seed), scores in sorted(found.items()):
        if set(scores) == {True, False}:
            gains.setdefault(name, {})[seed] = (scores[True], scores[False])
    return {name: gains[name] for name in TITLES if name in gains}


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
    costs = [
        f"{TITLES[row['network']]} {-row['gained']['mean_iou']:.3f} mean IoU"
        for row in report.get("trials", {}).get("changes", [])
        if row["change"].startswith(_RANDOM_ENCODER)
    ]
    gain = "what that is worth was not measured"
    worth = report.get("two_by_two", {}).get("start", {})
    if worth and None not in worth.values():
        values = " and ".join(
            f"{signed(effect['value'])} mean IoU to {TITLES[name]}'s" for name, effect in worth.items()
        )
        gain = f"in short trainings, alike in everything else, that start was worth {values} decoder"
    elif costs:
        gain = f"in a short training a random start of the pretrained layers cost {' and '.join(costs)}"
    return f"The start: {' and '.join(told)}; {gain}."


def _skips(report):
    gains = {
        name: sum(first - second for first, second in seeds.values()) / len(seeds)
        for name, seeds in skips_of_twins(report).items()
    }
    gains = {name: gains[name] for name in report["contest"]["order"] if name in gains}
    if len(gains) < 2:
        return "Skip connections: what they are worth was not measured."
    values = " and ".join(f"{signed(gain)} mean IoU to {TITLES[name]}" for name, gain in gains.items())
    winner = report["contest"]["order"][report["contest"]["mean_iou"]["difference"] < 0]
    other = next(name for name in gains if name != winner)
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
    worth = report.get("two_by_two", {}).get("decoder", {})
    if not worth or None in worth.values():
        return ""
    values = " and ".join(
        f"{signed(effect['value'])}{'' if start == 'imagenet' else ' (if it is not pretrained)'}"
        for start, effect in worth.items()
    )
    first, second = DEFAULT_PAIR
    skips = report["two_by_two"].get("skips", {})
    own = ""
    if skips and None not in skips.values():
        gains = " and ".join(f"{signed(effect['value'])} to {TITLES[name]}'s decoder" for name, effect in skips.items())
        own = f" skip connections are worth {gains}, and"
    instead = f"{TITLES[second]}'s decoder instead of {TITLES[first]}'s"
    return f"; behind one and the same pretrained encoder{own} {instead} {values}"


def _time(report, epochs):
    told = " and ".join(f"{TITLES[name]} for {count} epochs" for name, count in epochs.items())
    longer = [
        f"{signed(row['gained']['mean_iou'])} mean IoU to {TITLES[row['network']]}"
        for row in report.get("trials", {}).get("changes", [])
        if row["change"] == _TWICE
    ]
    worth = (
        f"twice the epochs were worth {' and '.join(longer)}" if longer else "what more would bring was not measured"
    )
    short = " in a short training" if longer else ""
    return f"Training time: {told or 'how long they were trained is not known'}; {worth}{short}."


def _pretrained(config):
    return pretrained_layers(stages_of(config))
