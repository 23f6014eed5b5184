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

    def differences(self, recipe: Recipe) -> str:
        """What a comparison with its own scores would mix up, as a sentence; empty where nothing does."""
        stages = stages_of(self.config)
        loss = stages[-1].get("loss") if stages else None
        pairs = (
            ("at {} px and not {}", self.config["image_size"], recipe.image_size),
            (
                "enlarged {:g} times and not {:g}",
                self.config["arguments"].get("enlarge", 1),
                recipe.arguments.get("enlarge", 1),
            ),
            ("with {} and not {}", loss or loss_name(recipe), loss_name(recipe)),
        )
        told = ", ".join(form.format(was, now) for form, was, now in pairs if was != now)
        if not told:
            return ""
        return (
            f"The start was trained {told}: it is compared with the epochs as they are here, by mean IoU at"
            f" {recipe.image_size} px."
        )
