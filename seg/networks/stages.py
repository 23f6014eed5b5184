"""How a network came about: one stage for each run of training, from the first to the one that left the weights.

A stage is what ``config.json`` keeps of a run: the fields of
`seg.training.recipe.Recipe`, and

    start           "anew", or "the former stage"
    best_epoch      the one kept, counted within the stage; 0 if none beat its start
    start_mean_iou  of the start, on the validation photos at this stage's size
    minutes         of this stage alone
    dataset, versions, loss, optimizer, pretrained_layers

Everything is read from files that anybody may have written, so nothing is taken
for granted but that a stage is a dict.
"""

from seg.networks import TITLES

ANEW = "anew"
CONTINUED = "the former stage"
_MOST_STAGES = 100


def stages_of(config: dict) -> list[dict]:
    """The stages of a network, the first one first.

    Args:
        config: as `seg.networks.weights.read_config` returns it. Those of
            former versions hold one stage within another, with epochs and
            minutes counted from the very start, and name encoder weights for
            stages that read none.
    """
    training = config.get("training")
    if not isinstance(training, dict) or not training.keys() - {"limit", "dataset"}:
        return []
    if isinstance(training.get("stages"), list):
        return [stage for stage in training["stages"] if isinstance(stage, dict)][-_MOST_STAGES:]
    chain = []
    while isinstance(training, dict) and len(chain) < _MOST_STAGES:
        chain.insert(0, training)
        training = training.get("before")
    stages, epochs, minutes = [], 0, 0.0
    for run in chain:
        stage = {key: value for key, value in run.items() if key not in ("before", "epochs_before")}
        stage["start"] = CONTINUED if stages or run.get("epochs_before") else ANEW
        if stage["start"] == CONTINUED:
            stage |= {"encoder_weights": None, "pretrained_layers": []}
        if is_number(run.get("best_epoch")):
            stage["best_epoch"] = run["best_epoch"] - epochs
        if is_number(run.get("minutes")):
            stage["minutes"] = round(run["minutes"] - minutes, 1)
            minutes = run["minutes"]
        epochs += run["epochs"] if is_number(run.get("epochs")) else 0
        stages.append(stage)
    stages[-1] |= {key: config[key] for key in ("image_size", "arguments") if key in config}
    return stages


def total(stages: list[dict], key: str):
    """The sum of a number over all stages, or None where one does not say."""
    values = [stage.get(key) for stage in stages]
    return sum(values) if values and all(map(is_number, values)) else None


def best_epoch(stages: list[dict]) -> int | None:
    """The epoch that was kept, counted from the very start, or None where a stage does not say."""
    for number in reversed(range(len(stages))):
        kept, before = stages[number].get("best_epoch"), total(stages[:number], "epochs") if number else 0
        if not is_number(kept) or before is None:
            return None
        if kept > 0:
            return before + kept
    return None


def pretrained_layers(stages: list[dict]) -> list[str]:
    """The layers that started from weights of another network."""
    layers = stages[0].get("pretrained_layers") if stages else None
    return [str(layer) for layer in layers] if isinstance(layers, list) else []


def training_sentence(stages_by_network: dict[str, list[dict]]) -> str:
    """For how long each network was trained: ``"FCN-8 was trained for 16 epochs in 3 runs (120 minutes), ..."``."""
    told = []
    for name, stages in stages_by_network.items():
        epochs, minutes = total(stages, "epochs"), total(stages, "minutes")
        if epochs is None:
            continue
        runs = f" in {len(stages)} runs" if len(stages) > 1 else ""
        took = "" if minutes is None else f" ({minutes:.0f} minutes)"
        told.append(f"{TITLES[name]} was trained for {epochs:g} epoch{'' if epochs == 1 else 's'}{runs}{took}")
    return ", ".join(told) + "." if told else ""


def is_number(value) -> bool:
    """Whether something from a JSON file is a number: true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
