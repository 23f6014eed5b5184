"""The comparison in words: what each network sees, where they differ, how sure they are, which to trust."""

from seg.classes import CLASS_NAMES
from seg.confidence import CLEAR_LEAD
from seg.networks import TITLES
from seg.regions import Region

# Below these differences, in the unit of the numbers, neither network is ahead.
_TIE_IOU = 0.02
_TIE_WINS = 0.04
_NO_PET = 0.005
_NEARLY_ALL = 0.97
_NEARLY_ALL_OF_THE_PET = 0.9
# Surer and closer to the truth go together by chance on half of the photos.
_USEFUL = 0.55
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
        return answers | {
            "How sure": _sure(networks),
            "Which to trust": f"Only {networks[0]['title']} runs, so there is nothing to compare it with.",
        }
    return answers | {
        "Where they differ": _differ(numbers, regions),
        "How sure": _sure(networks),
        "Which to trust": _trust(numbers, report),
    }


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
        return (
            f"Only {networks[0]['title']} runs, and it finds no pet."
            if len(networks) == 1
            else "Neither network finds a pet in this photo."
        ) + true
    covers = [
        f"{network['title']} finds {'no pet' if pet == 0 else 'next to no pet' if pet < _NO_PET else f'a pet on {100 * pet:.1f} % of the photo'}"
        for network, pet in zip(networks, pets)
    ]
    return ", ".join(covers) + "." + true


def _differ(numbers, regions):
    agreement = numbers["agreement"]
    agree = f"They agree on {100 * agreement:.1f} % of the pixels"
    if regions:
        return f"{agree}. The largest difference: {described(regions[0])}."
    return f"{agree}; what is left are thin borders." if agreement < 1 else "Nowhere: they agree on every pixel."


def _sure(networks):
    said = " and ".join(f"{network['title']} {100 * network['confidence']['photo']:.0f} %" for network in networks)
    if not all(network["confidence"]["calibrated"] for network in networks):
        return (
            f"They claim, on average over the pixels: {said}. No report checks these claims for the weights that run."
        )
    if networks[0]["pixel_accuracy"] is not None:
        right = " and ".join(f"{network['title']} on {100 * network['pixel_accuracy']:.0f} %" for network in networks)
        return f"On average over the pixels: {said}. In fact right: {right}. Over many photos the two go together; on a single one they can be far apart."
    return f"On average over the pixels: {said}. That holds on average over many photos of pets; on a single one, and on other pictures, it can be far off."


def _trust(numbers, report):
    networks = numbers["networks"]
    if numbers["truth"] is not None:
        return _by_truth(networks)
    blind = [network["shares"]["pet"] < _NO_PET for network in networks]
    if all(blind):
        return "Neither: there may be no pet in this photo, or both miss it."
    if (
        not any(blind)
        and numbers["agreement"] >= _NEARLY_ALL
        and (numbers["agreement_iou"]["pet"] or 0) >= _NEARLY_ALL_OF_THE_PET
    ):
        return "Either: they say nearly the same."
    said = _by_experience(networks, report)
    if any(blind):
        finder, other = (networks[blind.index(value)]["title"] for value in (False, True))
        return f"Look whether there is a pet where {finder} sees one: {other} sees next to none. {said}"
    return said


def _by_experience(networks, report):
    """What the test photos say of photos like this one, where nobody knows the truth."""
    disputed = [network["confidence"]["disputed"] for network in networks]
    surer = _ahead(networks, disputed, CLEAR_LEAD) if None not in disputed else None
    here = (
        f"Where they differ here, {surer} is the surer one"
        if surer
        else "Where they differ here, both are about equally sure"
    )
    if report is None:
        return f"Unknown: no test report belongs to the weights that run. {here}. Look at the places where they differ."
    wins = [report["contest"]["wins"][rank] for rank in ("first", "second")]
    best = max(range(len(networks)), key=wins.__getitem__)
    favourite = networks[best]["title"] if abs(wins[0] - wins[1]) >= _TIE_WINS else None
    tested = f"on {report['photos']:,} test photos it was closer to the truth on {100 * wins[best]:.0f} of 100"
    right = (report["contest"].get("surer") or {}).get("closer")
    if surer is None or right is None or right < _USEFUL:
        if favourite:
            return f"Probably {favourite}: {tested}. {here}."
        return f"Hard to say: on {report['photos']:,} test photos each was the closer one about as often as the other. {here}."
    proven = f"among test photos where one network was, that one was closer to the truth on {100 * right:.0f} of 100"
    if favourite in (None, surer):
        also = f" And {tested}." if favourite else ""
        return f"Probably {surer}. {here}, and {proven}.{also}"
    return f"Hard to say: {favourite} is the better one as a rule ({tested}). But {here[0].lower()}{here[1:]}, and {proven}. Look at the places where they differ."


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
    iou = ", ".join(
        f"{name} {'–' if value is None else f'{value:.3f}'}" for name, value in numbers["agreement_iou"].items()
    )
    lines = [
        f"The networks agree on **{100 * numbers['agreement']:.1f} %** of the pixels. IoU between them: {iou}.",
        "",
    ]
    return "\n".join(lines + [f"{number}. {described(region)}" for number, region in enumerate(regions, 1)])
