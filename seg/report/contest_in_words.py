"""What the contest says in words."""

from seg.networks import TITLES
from seg.training.trials import BASELINE

# Of mean IoU: a lead that no eye sees, however certain it is.
_PRACTICALLY_LEVEL = 0.01


def headline(report: dict) -> str:
    """The contest in a few words: no more than was measured, which is one trained network of each kind."""
    gap = report["contest"]["mean_iou"]
    least = max([_PRACTICALLY_LEVEL, *seed_spreads(report).values()])
    if gap["low"] * gap["high"] <= 0 or abs(gap["difference"]) < least:
        return "In practice these two trained networks are level"
    return f"{TITLES[report['contest']['order'][gap['difference'] < 0]]} is the better of these two trained networks"


def in_words(report: dict) -> list[str]:
    """All that the contest says, in paragraphs."""
    said = (lead_in_words(report), larger_copies_in_words(report), surer_in_words(report))
    return [sentence for sentence in said if sentence]


def lead_in_words(report: dict) -> str:
    """Which network is ahead, by how much and how surely, in a few sentences."""
    gap, wins = report["contest"]["mean_iou"], report["contest"]["wins"]
    first, second = (TITLES[name] for name in report["contest"]["order"])
    ranks = [(first, wins["first"]), (second, wins["second"])]
    (ahead, more), (behind, fewer) = ranks if gap["difference"] > 0 else ranks[::-1]
    if gap["low"] * gap["high"] > 0:
        low, high = sorted((abs(gap["low"]), abs(gap["high"])))
        sentence = (
            f"{ahead} is ahead by {abs(gap['difference']):.3f} mean IoU (95 % interval {low:.3f} to {high:.3f}, paired"
            " bootstrap over photos)"
        )
    else:
        sentence = (
            f"Neither is ahead for certain: {first} less {second} is {gap['difference']:+.3f} mean IoU (95 % interval"
            f" {gap['low']:+.3f} to {gap['high']:+.3f}, paired bootstrap over photos)"
        )
    return (
        f"{sentence}. Photo by photo, {ahead} has the higher score on {100 * more:.0f} %, {behind} on"
        f" {100 * fewer:.0f} %. {_one_run_of_each(report)}"
    )


def larger_copies_in_words(report: dict) -> str | None:
    """Who is ahead on the photos of which the dataset has a larger copy; None where that is all or none of them."""
    larger = report["contest"].get("larger_copies")  # not in reports of earlier versions, which --trials-only renews
    if larger is None or larger["photos"] in (0, report["photos"]):
        return None
    gap = larger["mean_iou"]
    first, second = (TITLES[name] for name in report["contest"]["order"])
    return (
        f"On the {larger['photos']:,} photos that the data has at more than {larger['longer_than']} pixels alone,"
        f" {first} less {second} is {gap['difference']:+.3f} mean IoU (95 % interval {gap['low']:+.3f} to"
        f" {gap['high']:+.3f})."
    )


def surer_in_words(report: dict) -> str | None:
    """How often each network was the closer one where it was the surer one; None where that was not measured."""
    surer = report["contest"].get("surer") or {}
    found = {name: seen for name, seen in surer.get("networks", {}).items() if seen["closer"] is not None}
    if not found:
        return None
    each = ", and ".join(
        f"where that was {TITLES[name]} ({seen['photos']:,} photos), it was the closer one to the truth on"
        f" {100 * seen['closer']:.0f} %"
        for name, seen in found.items()
    )
    return f"Where the two differ, one is often surer than the other, by {surer['least_lead']:.2f} or more: {each}."


def _one_run_of_each(report):
    """How far chance in training could have moved the comparison."""
    spreads = seed_spreads(report)
    told = "One training run of each was compared, and another seed would have moved both"
    if not spreads:
        return f"{told}; by how much was not measured."
    each = " and ".join(f"{spread:.3f} ({TITLES[name]})" for name, spread in spreads.items())
    return f"{told}: in short trials, seeds of one recipe were {each} mean IoU apart."


def seed_spreads(report):
    """By network: largest less smallest mean IoU of one short recipe, where it ran with several seeds."""
    found = {}
    for row in report.get("trials", {}).get("changes", []):
        if row["change"] == BASELINE and row["network"] in report["contest"]["order"]:
            found.setdefault(row["network"], []).append(row["mean_iou"])
    return {name: max(values) - min(values) for name, values in found.items() if len(values) > 1}
