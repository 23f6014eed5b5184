"""The comparison in words: what each network sees, where they differ, how sure they are, which to trust."""

from seg.classes import CLASS_NAMES
from seg.networks import TITLES
from seg.regions import Region

# Below these differences, in the unit of the numbers, neither network is ahead.
_TIE_IOU = 0.02
_TIE_CONFIDENCE = 0.01
_TIE_WINS = 0.04
_NO_PET = 0.005
_NEARLY_ALL = 0.97
_POOR_IOU = 0.5


def verdict(numbers: dict, regions: list[Region], report: dict | None) -> dict:
    """Plain sentences on a comparison.

    Args:
        numbers: as `seg.ui.shares_table.numbers_of` returns them.
        regions: where the networks differ most, the largest first.
        report: the saved report on these weights, or None.

    Returns:
        Sentences by what they are about: what they see, where they differ, how
        sure they are, which one to trust.
    """
    networks = numbers["networks"]
    answers = {"What they see": _seen(networks, numbers["truth"])}
    if len(networks) < len(TITLES):
        return answers | {"How sure": _sure(networks), "Which to trust": f"Only {networks[0]['title']} runs, so there is nothing to compare it with."}
    return answers | {"Where they differ": _differ(numbers, regions), "How sure": _sure(networks), "Which to trust": _trust(numbers, report)}


def place(region: Region) -> str:
    """Where a region lies in the photo, such as ``lower right``."""
    left, top, right, bottom = region.box
    x, y = (left + right) / 2, (top + bottom) / 2
    across = "left" if x < 1 / 3 else "right" if x > 2 / 3 else ""
    down = "upper" if y < 1 / 3 else "lower" if y > 2 / 3 else ""
    return " ".join(filter(None, (down, across))) + ("" if across else " middle" if down else "middle")


def described(region: Region) -> str:
    """A region in words: its place and size, and what each network says there."""
    first, second = TITLES.values()
    says, other_says = (CLASS_NAMES[c] for c in region.classes)
    return f"{place(region)}, {100 * region.share:.1f} % of the photo: {first} says {says}, {second} {other_says}"


def _seen(networks, truth):
    pets = [network["shares"]["pet"] for network in networks]
    true = f" In truth it covers {100 * truth['pet']:.1f} %." if truth else ""
    if max(pets) < _NO_PET:
        return (f"Only {networks[0]['title']} runs, and it finds no pet." if len(networks) == 1 else "Neither network finds a pet in this photo.") + true
    covers = [f"{network['title']} finds {'no pet' if pet < _NO_PET else f'a pet on {100 * pet:.1f} % of the photo'}" for network, pet in zip(networks, pets)]
    return ", ".join(covers) + "." + true


def _differ(numbers, regions):
    agreement = numbers["agreement"]
    agree = f"They agree on {100 * agreement:.1f} % of the pixels"
    if regions:
        return f"{agree}. The largest difference: {described(regions[0])}."
    return f"{agree}; what is left are thin borders." if agreement < 1 else "Nowhere: they agree on every pixel."


def _sure(networks):
    said = " and ".join(f"{network['title']} {100 * network['confidence']['photo']:.0f} %" for network in networks)
    if all(network["confidence"]["calibrated"] for network in networks):
        return f"On average over the pixels: {said}. Checked on photos with a known truth, so you can take these at their word."
    return f"They claim, on average over the pixels: {said}. No report checks these claims for the weights that run."


def _trust(numbers, report):
    networks = numbers["networks"]
    if numbers["truth"] is not None:
        return _by_truth(networks)
    if numbers["agreement"] >= _NEARLY_ALL:
        return "Either: they say nearly the same."
    surer = _ahead(networks, [network["confidence"]["photo"] for network in networks], _TIE_CONFIDENCE)
    if report is None:
        more = f" Here {surer} is the surer one." if surer else " Both are about equally sure."
        return "Unknown: no test report belongs to the weights that run." + more + " Look at the places where they differ."
    wins = [report["contest"]["wins"][rank] for rank in ("first", "second")]
    if abs(wins[0] - wins[1]) < _TIE_WINS:
        tested = f"on {report['photos']:,} test photos each was the closer one about as often as the other"
        return f"Hard to say: {tested}." + (f" On this photo {surer} is the surer one." if surer else " On this photo both are about equally sure.")
    best = max(range(len(networks)), key=wins.__getitem__)
    favourite = networks[best]["title"]
    tested = f"on {report['photos']:,} test photos it was closer to the truth on {100 * wins[best]:.0f} of 100"
    if surer is None:
        return f"Probably {favourite}: {tested}. On this photo both are about equally sure."
    if surer == favourite:
        return f"Probably {favourite}: {tested}, and on this photo it is also the surer one."
    return f"Hard to say: {favourite} is the better one as a rule ({tested}), but on this photo {surer} is surer. Look at the places where they differ."


def _by_truth(networks):
    scores = [network["mean_iou"] for network in networks]
    said = f"mean IoU {max(scores):.2f} against {min(scores):.2f}"
    ahead = _ahead(networks, scores, _TIE_IOU)
    poor = " Both are far from it, though." if max(scores) < _POOR_IOU else ""
    if ahead is None:
        return f"Either: both are about as close to the truth, {said}.{poor}"
    return f"{ahead}: it is closer to the truth of this photo, {said}.{poor}"


def _ahead(networks, values, tie):
    """Title of the network with the highest value, None if the next is as good as that."""
    if max(values) - min(values) < tie:
        return None
    return networks[max(range(len(values)), key=values.__getitem__)]["title"]


def as_markdown(answers: dict) -> str:
    """A verdict as a list."""
    return "\n".join(f"- **{question}** {answer}" for question, answer in answers.items())


def differences_in_words(numbers: dict, regions: list[Region]) -> str:
    """What belongs beside the difference map: agreement, IoU between the networks, the numbered regions."""
    if numbers["agreement"] is None:
        return "Only one network runs, so there is nothing to compare it with."
    iou = ", ".join(f"{name} {'–' if value is None else f'{value:.3f}'}" for name, value in numbers["agreement_iou"].items())
    lines = [f"The networks agree on **{100 * numbers['agreement']:.1f} %** of the pixels. IoU between them: {iou}.", ""]
    return "\n".join(lines + [f"{number}. {described(region)}" for number, region in enumerate(regions, 1)])
