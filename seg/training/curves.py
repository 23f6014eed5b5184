"""Draws how training went."""

import io

_PANELS = (("loss", "Loss"), ("pixel_accuracy", "Pixel accuracy"), ("mean_iou", "Mean IoU"))


def draw_curves(title: str, history: list[dict]) -> bytes:
    """Loss, pixel accuracy and mean IoU over the epochs, training and validation.

    Args:
        title: of the network.
        history: as `seg.training.fit.Fitted` has it.

    Returns:
        A PNG file.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    epochs = [row["epoch"] for row in history]
    figure = Figure(figsize=(12, 3.8), layout="constrained")
    for axes, (key, label) in zip(figure.subplots(1, len(_PANELS)), _PANELS):
        validation, training = ([row[name] for row in history] for name in (f"val_{key}", key))
        (line,) = axes.plot(epochs, validation, marker=".", label=f"{title}, validation")
        axes.plot(epochs, training, color=line.get_color(), linestyle=":", label=f"{title}, training (augmented)")
        axes.set(title=label, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=100)
    return png.getvalue()
