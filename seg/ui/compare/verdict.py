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
        "Which to trust": _trust(numbers, report),
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
    networks = numbers["networks"]
    if len(networks) < 2:
        return _answered(f"Only {networks[0]['title']} runs here.")
    if numbers["truth"] is not None:
        scores = [network["mean_iou"] for network in networks]
        ahead = _ahead(networks, scores, _TIE_IOU)
        if ahead is None:
            return _answered(f"Both are about equally close here: IoU {scores[0]:.2f} and {scores[1]:.2f}.")
        said = f"{ahead['title']} is closer here: IoU {max(scores):.2f} against {min(scores):.2f}."
        return _answered(said, ahead, "closer here")
    finders = _finders(networks)
    if len(finders) < len(networks):
        return _answered(f"Only {finders[0]['title']} sees a pet here." if finders else "Neither sees a pet here.")
    if _nearly_the_same(numbers):
        return _answered(f"They say nearly the same: {100 * numbers['agreement']:.1f} % of the pixels.")
    surer = _surer(networks)
    if surer is None:
        return _answered("Where they differ, neither is clearly surer.")
    said = f"{surer['title']} is surer where they differ"
    closer = _share_closer(report, surer["name"])
    if closer is None:
        return _answered(f"{said}.", surer, "surer here")
    if closer >= 0.5:
        return _answered(f"{said}. When it was, it was right {100 * closer:.0f} times in 100.", surer, "surer here")
    other = _other(networks, surer)
    said = f"{said}. But when it was, {other['title']} was right {100 * (1 - closer):.0f} times in 100."
    return _answered(said, other, "more often right")


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


def _trust(numbers, report):
    networks = numbers["networks"]
    if len(networks) < 2:
        return f"Only {networks[0]['title']} runs, so there is nothing to compare it with."
    if numbers["truth"] is not None:
        return _by_truth(networks)
    finders = _finders(networks)
    if not finders:
        return "Neither: there may be no pet in this photo, or both miss it."
    said = _by_experience(networks, report)
    if len(finders) == len(networks):
        return "Either: they say nearly the same." if _nearly_the_same(numbers) else said
    finder, other = finders[0]["title"], _other(networks, finders[0])["title"]
    return f"Look whether there is a pet where {finder} sees one: {other} sees next to none. {said}"


def _other(networks, one):
    return networks[1 - networks.index(one)]


def _nearly_the_same(numbers):
    pet = numbers["agreement_iou"][CLASS_NAMES[PET]] or 0
    return numbers["agreement"] >= _NEARLY_ALL and pet >= _NEARLY_ALL_OF_THE_PET


def _surer(networks):
    """The network that is clearly the surer one where they differ, or None."""
    disputed = [network["confidence"]["disputed"] for network in networks]
    return None if None in disputed else _ahead(networks, disputed, CLEAR_LEAD)


def _by_experience(networks, report):
    """What the test photos say of photos like this one, where nobody knows the truth."""
    surer = _surer(networks)
    here = f"{surer['title']} is the surer one" if surer else "both are about equally sure"
    here = f"Where they differ here, {here}"
    if report is None:
        return f"Unknown: no test report belongs to the weights that run. {here}. Look at the places where they differ."
    if surer and (closer := _share_closer(report, surer["name"])) is not None:
        if abs(closer - 0.5) < _USEFUL:
            return f"Hard to say: {here[0].lower()}{here[1:]}, and on test photos that said next to nothing."
        title, other = surer["title"], _other(networks, surer)["title"]
        trusted, joint, it, share = (title, "and", "it", closer) if closer > 0.5 else (other, "but", other, 1 - closer)
        return (
            f"Probably {trusted}. {here}, {joint} among test photos where it was, {it} was closer to the truth on"
            f" {100 * share:.0f} of 100."
        )
    ranks = dict(zip(report["contest"]["order"], ("first", "second")))
    wins = [report["contest"]["wins"][ranks[network["name"]]] for network in networks]
    tested = f"on {report['photos']:,} test photos"
    if best := _ahead(networks, wins, _TIE_WINS):
        return f"Probably {best['title']}: {tested} it was closer to the truth on {100 * max(wins):.0f} of 100. {here}."
    return f"Hard to say: {tested} each was the closer one about as often as the other. {here}."


def _share_closer(report, name):
    """Of the test photos on which this network was the surer one, the share on which it was the closer one, or None."""
    found = ((report or {}).get("contest", {}).get("surer") or {}).get("networks", {}).get(name)
    return found["closer"] if found and found["photos"] >= _ENOUGH_PHOTOS else None


def _by_truth(networks):
    scores = [network["mean_iou"] for network in networks]
    said = f"mean IoU {max(scores):.2f} against {min(scores):.2f}"
    ahead = _ahead(networks, scores, _TIE_IOU)
    poor = " Both are far from it, though." if max(scores) < _POOR_IOU else ""
    if ahead is None:
        return f"Either: both are about as close to the truth, {said}.{poor}"
    return f"{ahead['title']}: it is closer to the truth of this photo, {said}.{poor}"


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
