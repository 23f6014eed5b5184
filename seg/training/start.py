"""The trained network from which a run starts."""

from pathlib import Path

from seg.networks import tensors_of
from seg.networks.stages import stages_of
from seg.networks.weights import load_network, read_history
from seg.training.recipe import Recipe, loss_name


class Start:
    """A trained network that is trained on.

    Attributes:
        tensors: its weights, as `seg.networks.tensors_of` returns them.
        config: as `seg.networks.weights.read_config` returns it.
        history: its epochs.
    """

    def __init__(self, folder, name):
        folder = Path(folder) / name
        network, self.config = load_network(folder)
        self.tensors = tensors_of(network)
        self.history = read_history(folder)

    def history_with(self, rows: list[dict]) -> list[dict]:
        """Its epochs and those that followed, counted from the very start."""
        return self.history + [row | {"epoch": row["epoch"] + len(self.history)} for row in rows]

    def differences(self, recipe: Recipe) -> str:
        """What a comparison with its own scores would mix up, as a sentence; empty where nothing does."""
        stages = stages_of(self.config)
        was, now = self.config["image_size"], recipe.image_size
        told = [f"at {was} px and not {now}"] if was != now else []
        enlarged = [arguments.get("enlarge", 1) for arguments in (self.config["arguments"], recipe.arguments)]
        if enlarged[0] != enlarged[1]:
            told.append(f"enlarged {enlarged[0]:g} times and not {enlarged[1]:g}")
        loss = stages[-1].get("loss") if stages else None
        if isinstance(loss, str) and loss != loss_name(recipe):
            told.append(f"with {loss} and not {loss_name(recipe)}")
        if not told:
            return ""
        return (
            f"The start was trained {', '.join(told)}: it is compared with the epochs as they are here, by mean IoU at"
            f" {now} px."
        )
