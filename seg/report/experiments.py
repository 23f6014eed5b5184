"""What a report holds of the experiments beside the contest, without waiting for Keras."""

from seg.networks import TITLES


def skips_of_twins(report: dict, score: str = "mean_iou") -> dict:
    """A score of twins with and without skip connections.

    Returns:
        ``{network: {seed: (with, without)}}``, of those that have both.
    """
    found = {(twin["network"], twin["seed"], twin["skips"]): twin[score] for twin in report.get("twins", [])}
    pairs = {}
    for name, seed, skips in sorted(found):
        if skips and (name, seed, False) in found:
            pairs.setdefault(name, {})[seed] = (found[name, seed, True], found[name, seed, False])
    return {name: pairs[name] for name in TITLES if name in pairs}


def steps_of(two_by_two: dict) -> int:
    """Steps of each training of the two-by-two, as the report has it."""
    settings = two_by_two["settings"]
    return settings["epochs"] * settings["photos"] // settings["batch_size"]
