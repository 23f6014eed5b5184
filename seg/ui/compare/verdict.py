"""The comparison in words: what each network sees, where they differ, how sure they are, which to trust."""

from seg.classes import CLASS_NAMES, PET
from seg.evaluation.confidence import CLEAR_LEAD
from seg.images.regions import Region

# Below these differences, in the unit of the numbers, neither network is ahead.
_TIE_IOU = 0.02
_TIE_WINS = 0.04
_NO_PET = 0.005
# As long as wide, a photo may be before what is squashed to a square has shapes that the networks never learned.
_LONG = 2.5
_NEARLY_ALL = 0.97
_NEARLY_ALL_OF_THE_PET = 0.9
# Of the pairs of classes within a region: what rounds to 0.0 % says nothing.
_MOST_PAIRS, _TOLD_SHARE = 3, 0.0005
# Surer and closer to the truth go together by chance on half of the photos: so far from that it says something.
_USEFUL = 0.05
_ENOUGH_PHOTOS = 50
_POOR_IOU = 0.5


def verdict(numbers: dict, regions: list[Region], report: dict | None) -> dict:
    """Plain sentences on a comparison.

    Args:
        numbers: as `seg.inference.numbers.numbers_of` returns them.
        regions: where the networks differ most, the largest first.
        report: the saved report on these weights, or None.

    Returns:
        Sentences by what they are about: what they see, where they differ, how
        sure they are, which one to trust.
    """
    networks = numbers["networks"]
    return {
        "What they see": _seen(networks, numbers["truth"]),
        **({"Where they differ": _differ(numbers, regions)} if len(networks) > 1 else {}),
        "How sure": _sure(networks),
        "Which to trust": _judged(numbers, report)[1],
    }


def way_out(numbers: dict, width: int, height: int) -> dict:
    """What to try with a photo that the networks cannot know well, in the form of `verdict`; else nothing.

    Args:
        numbers: as of `verdict`.
        width, height: of the photo, pixels.
    """
    longer = max(width, height) / min(width, height)
    if longer > _LONG:
        why = f"This photo is {longer:.1f} times as long as wide, and the networks see every photo squashed to a square"
    elif not _finders(numbers["networks"]):
        why = "A small pet, such as one in a corner, is lost where the networks see the whole photo shrunk"
    else:
        return {}
    return {"What may help": f"{why}: choose a part of the photo that shows the pet."}


def answer(numbers: dict, report: dict | None) -> dict:
    """The one line above the pictures.

    Args:
        numbers, report: as of `verdict`.

    Returns:
        ``{"says", "network", "badge"}``: the name of the network whose picture gets the badge, and what is on it;
        both None where neither is ahead.
    """
    return _judged(numbers, report)[0]


def _answered(says, network=None, badge=None):
    return {"says": says, "network": network and network["name"], "badge": badge}


def place(region: Region) -> str:
    """Where a region lies in the photo, such as ``lower right``."""
    left, top, right, bottom = region.box
    x, y = (left + right) / 2, (top + bottom) / 2
    across = "left" if x < 1 / 3 else "right" if x > 2 / 3 else ""
    down = "upper" if y < 1 / 3 else "lower" if y > 2 / 3 else ""
    return f"{down} {across or 'middle'}".strip()


def described(region: Region, titles: list[str]) -> str:
    """A region in words: its place and size, and what each network says there, the share of each pair of classes."""
    first, second = titles
    pairs = [(pair, share) for pair, share in region.shares.items() if share >= _TOLD_SHARE][:_MOST_PAIRS]
    if len(pairs) > 1:
        said = "; ".join(
            f"{first} {CLASS_NAMES[a]} and {second} {CLASS_NAMES[b]} on {100 * share:.1f} %" for (a, b), share in pairs
        )
    else:
        a, b = region.classes
        said = f"{first} says {CLASS_NAMES[a]}, {second} {CLASS_NAMES[b]}"
    return f"{place(region)}, {100 * region.share:.1f} % of the photo: {said}"


def _seen(networks, truth):
    if _finders(networks):
        said = ", ".join(f"{network['title']} finds {_found(network)}" for network in networks)
    elif len(networks) == 1:
        said = f"Only {networks[0]['title']} runs, and it finds no pet"
    else:
        said = "Neither network finds a pet in this photo"
    true = f" In truth it covers {100 * truth[CLASS_NAMES[PET]]:.1f} %." if truth else ""
    return f"{said}.{true}"


def _finders(networks):
    """The networks that see a pet."""
    return [network for network in networks if network["shares"][CLASS_NAMES[PET]] >= _NO_PET]


def _found(network):
    pet = network["shares"][CLASS_NAMES[PET]]
    if pet >= _NO_PET:
        return f"a pet on {100 * pet:.1f} % of the photo"
    return "next to no pet" if pet else "no pet"


def _differ(numbers, regions):
    agreement = numbers["agreement"]
    agree = f"They agree on {100 * agreement:.1f} % of the pixels"
    if regions:
        largest = described(regions[0], [network["title"] for network in numbers["networks"]])
        return f"{agree}. The largest difference: {largest}."
    return f"{agree}; what is left are thin borders." if agreement < 1 else "Nowhere: they agree on every pixel."


def _sure(networks):
    said = " and ".join(f"{network['title']} {100 * network['confidence']['photo']:.0f} %" for network in networks)
    if not all(network["confidence"]["calibrated"] for network in networks):
        return (
            f"They claim, on average over the pixels: {said}. No report checks these claims for the weights that run."
        )
    if networks[0]["pixel_accuracy"] is None:
        so = (
            "That holds on average over many photos of pets; on a single one, and on other pictures, it can be far off."
        )
    else:
        right = " and ".join(f"{network['title']} on {100 * network['pixel_accuracy']:.0f} %" for network in networks)
        so = f"In fact right: {right}. Over many photos the two go together; on a single one they can be far apart."
    return f"On average over the pixels: {said}. {so}"


def _judged(numbers, report):
    """What `answer` returns, and the sentence on which network to trust."""
    networks = numbers["networks"]
    if len(networks) < 2:
        alone = f"Only {networks[0]['title']} runs"
        return _answered(f"{alone} here."), f"{alone}, so there is nothing to compare it with."
    if numbers["truth"] is not None:
        return _by_truth(networks)
    finders = _finders(networks)
    if not finders:
        return _answered("Neither sees a pet here."), "Neither: there may be no pet in this photo, or both miss it."
    said, advice = _by_experience(networks, report)
    if len(finders) < len(networks):
        finder, other = finders[0]["title"], networks[1 - networks.index(finders[0])]["title"]
        look = f"Look whether there is a pet where {finder} sees one: {other} sees next to none."
        return _answered(f"Only {finder} sees a pet here."), f"{look} {advice}"
    agreement, pet = numbers["agreement"], numbers["agreement_iou"][CLASS_NAMES[PET]] or 0
    if agreement >= _NEARLY_ALL and pet >= _NEARLY_ALL_OF_THE_PET:
        said = _answered(f"They say nearly the same: {100 * agreement:.1f} % of the pixels.")
        return said, "Either: they say nearly the same."
    return said, advice


def _by_truth(networks):
    """As `_judged`, where the truth is known."""
    scores = [network["mean_iou"] for network in networks]
    against = f"IoU {max(scores):.2f} against {min(scores):.2f}"
    poor = " Both are far from it, though." if max(scores) < _POOR_IOU else ""
    ahead = _ahead(networks, scores, _TIE_IOU)
    if ahead is None:
        said = f"Both are about equally close here: IoU {scores[0]:.2f} and {scores[1]:.2f}."
        return _answered(said), f"Either: both are about as close to the truth, mean {against}.{poor}"
    said = _answered(f"{ahead['title']} is closer here: {against}.", ahead, "closer here")
    return said, f"{ahead['title']}: it is closer to the truth of this photo, mean {against}.{poor}"


def _by_experience(networks, report):
    """As `_judged`, from what test photos say of photos like this one, where nobody knows the truth."""
    disputed = [network["confidence"]["disputed"] for network in networks]
    surer = None if None in disputed else _ahead(networks, disputed, CLEAR_LEAD)
    if surer is None:
        said = _answered("Where they differ, neither is clearly surer.")
        return said, _by_wins(networks, report, "both are about equally sure")
    says, here = f"{surer['title']} is surer where they differ", f"{surer['title']} is the surer one"
    closer = _share_closer(report, surer["name"])
    if closer is None:
        return _answered(f"{says}.", surer, "surer here"), _by_wins(networks, report, here)
    if closer >= 0.5:
        trusted, it, share, badge, when, joint = surer, "it", closer, "surer here", "When", "and"
    else:
        trusted = networks[1 - networks.index(surer)]
        it, share, badge, when, joint = trusted["title"], 1 - closer, "more often right", "But when", "but"
    said = _answered(f"{says}. {when} it was, {it} was right {100 * share:.0f} times in 100.", trusted, badge)
    if abs(closer - 0.5) < _USEFUL:
        return said, f"Hard to say: where they differ here, {here}, and on test photos that said next to nothing."
    return said, (
        f"Probably {trusted['title']}. Where they differ here, {here}, {joint} among test photos where it was, {it} was"
        f" closer to the truth on {100 * share:.0f} of 100."
    )


def _by_wins(networks, report, here):
    """Which network to trust by the test photos alone; ``here``: who is the surer one where they differ."""
    here = f"Where they differ here, {here}."
    if report is None:
        return f"Unknown: no test report belongs to the weights that run. {here} Look at the places where they differ."
    ranks = dict(zip(report["contest"]["order"], ("first", "second")))
    wins = [report["contest"]["wins"][ranks[network["name"]]] for network in networks]
    tested = f"on {report['photos']:,} test photos"
    if best := _ahead(networks, wins, _TIE_WINS):
        return f"Probably {best['title']}: {tested} it was closer to the truth on {100 * max(wins):.0f} of 100. {here}"
    return f"Hard to say: {tested} each was the closer one about as often as the other. {here}"


def _share_closer(report, name):
    """Of the test photos on which this network was the surer one, the share on which it was the closer one, or None."""
    found = ((report or {}).get("contest", {}).get("surer") or {}).get("networks", {}).get(name)
    return found["closer"] if found and found["photos"] >= _ENOUGH_PHOTOS else None


def _ahead(networks, values, tie):
    """The network with the highest value, None if the next is as good as that."""
    if max(values) - min(values) < tie:
        return None
    return networks[max(range(len(values)), key=values.__getitem__)]


def agreement_in_words(numbers: dict) -> str:
    """What belongs beside the map of the differences: agreement, and IoU between the networks."""
    iou = ", ".join(
        f"{name} {'–' if value is None else f'{value:.3f}'}" for name, value in numbers["agreement_iou"].items()
    )
    return f"The networks agree on {100 * numbers['agreement']:.1f} % of the pixels. IoU between them: {iou}."
