"""Draws how training went."""

import io


def draw_curves(history: list[dict], title: str) -> bytes:
    """Loss, pixel accuracy and mean IoU of training and validation over the epochs.

    Args:
        history: rows as `seg.training.Fitted` has them.
        title: of the figure.

    Returns:
        A PNG file.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [row["epoch"] for row in history]
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    figure.suptitle(title)
    for axes, (key, label) in zip(
        figure.subplots(1, 3),
        (("loss", "Cross-entropy loss"), ("pixel_accuracy", "Pixel accuracy"), ("mean_iou", "Mean IoU")),
    ):
        axes.plot(epochs, [row[key] for row in history], marker=".", label="training (augmented)")
        axes.plot(epochs, [row[f"val_{key}"] for row in history], marker=".", label="validation")
        axes.set(title=label, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend()
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=100)
    return png.getvalue()
