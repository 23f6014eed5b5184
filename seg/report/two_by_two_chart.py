"""Draws the two-by-two: two decoders, two starts."""

import io

from seg.networks import DEFAULT_PAIR, NETWORKS, TITLES
from seg.training.two_by_two import STARTS, TWO_BY_TWO, effects


def draw_two_by_two(results: dict) -> bytes:
    """Draws the four cells as bars with 95 % intervals, and each seed as a dot.

    Args:
        results: as `seg.training.two_by_two.read_two_by_two` returns them.

    Returns:
        An SVG file.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    cells = {(cell["decoder"], cell["start"]): cell for cell in effects(results)["cells"] if cell["skips"]}
    # Text as text, and the same file whenever it is drawn anew.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": TWO_BY_TWO}):
        figure = Figure(figsize=(6, 3.4), layout="constrained")
        axes = figure.subplots()
        for shift, name in zip((-0.2, 0.2), DEFAULT_PAIR):
            known = [
                (place + shift, cells[name, start]) for place, start in enumerate(STARTS) if (name, start) in cells
            ]
            places, values = [place for place, _ in known], [cell["value"] for _, cell in known]
            reach = [
                [max(0.0, cell["value"] - cell["low"]) for _, cell in known],
                [max(0.0, cell["high"] - cell["value"]) for _, cell in known],
            ]
            axes.bar(
                places,
                values,
                width=0.36,
                yerr=reach,
                capsize=4,
                color=NETWORKS[name].colour,
                label=f"{TITLES[name]}'s decoder",
            )
            for place, cell in known:
                axes.plot([place] * len(cell["by_seed"]), cell["by_seed"], "o", color="black", markersize=3)
                axes.annotate(
                    f"{cell['value']:.3f}",
                    (place, cell["high"]),
                    (0, 4),
                    textcoords="offset points",
                    ha="center",
                    fontsize=9,
                )
        axes.set_xticks(range(len(STARTS)), [f"encoder starts {told}" for told in STARTS.values()])
        axes.set_ylabel("mean IoU, validation photos")
        axes.set_ylim(0, max((cell["high"] for cell in cells.values()), default=1) * 1.35)
        axes.legend(frameon=False, ncols=2, loc="upper center")
        axes.spines[["top", "right"]].set_visible(False)
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()
