"""Draws how training went."""

import io

_PANELS = (("loss", "Loss"), ("pixel_accuracy", "Pixel accuracy"), ("mean_iou", "Mean IoU"))


def draw_curves(histories: dict) -> bytes:
    """Loss, pixel accuracy and mean IoU over the epochs, training and validation.

    Args:
        histories: rows as `seg.training.fit.Fitted` has them, by title of the network.

    Returns:
        A PNG file.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(12, 3.8), layout="constrained")
    for axes, (key, label) in zip(figure.subplots(1, len(_PANELS)), _PANELS):
        for title, rows in histories.items():
            epochs = [row["epoch"] for row in rows]
            (line,) = axes.plot(epochs, [row[f"val_{key}"] for row in rows], marker=".", label=f"{title}, validation")
            axes.plot(
                epochs,
                [row[key] for row in rows],
                color=line.get_color(),
                linestyle=":",
                label=f"{title}, training (augmented)",
            )
        axes.set(title=label, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=100)
    return png.getvalue()
