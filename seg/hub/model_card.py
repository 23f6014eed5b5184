"""The model card: what a person reads on the Hub before using the weights."""

import re

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from seg.classes import CLASS_NAMES, NUM_CLASSES, numbered
from seg.evaluation.saved_report import REPORT
from seg.hub.target import MAIN
from seg.networks import NETWORKS, TITLES
from seg.networks.stages import pretrained_layers, stages_of, training_sentence

DATASET = "timm/oxford-iiit-pet"
"""The dataset's copy on the Hub, by which its page and the card find each other."""

_SCORES = {
    "mean_iou": ("mean_iou", "mean IoU"),
    "mean_dice": ("dice", "mean Dice"),
    "pixel_accuracy": ("accuracy", "pixel accuracy"),
}
# What is told of each run of training: its key in a stage, and the column's head.
_COLUMNS = {
    "start": "starts from",
    "image_size": "size, pixels",
    "epochs": "epochs",
    "best_epoch": "epoch kept (best validation mean IoU)",
    "minutes": "minutes",
    "batch_size": "batch size",
    "learning_rate": "peak learning rate",
    "weight_decay": "weight decay",
    "loss": "loss",
    "optimizer": "optimizer",
    "encoder_weights": "weights of the encoder",
    "precision": "precision",
    "seed": "seed",
}

BEGIN, END = "<!-- Written by each push: begin -->", "<!-- Written by each push: end -->"
"""Around what a push writes into a card; what stands outside is its owner's."""


def keeps_text(card: str | None) -> bool:
    """Whether a card has the marks, so that its owner's text stays at a push."""
    return card is not None and BEGIN in card and END in card.partition(BEGIN)[2]


def draw_up_card(
    repo: str,
    networks: dict,
    paths: list[str],
    revision: str = MAIN,
    report: str | None = None,
    former: str | None = None,
) -> str:
    """The content of a repository's ``README.md``; every number comes from the networks' files.

    Args:
        repo: ``USER/REPO``.
        networks: config and scores by name, as `seg.hub.push.read_publishable` returns them.
        paths: of the published files, relative to the repository.
        revision: branch that the weights are on.
        report: Markdown of the saved report on these weights.
        former: the card that it takes the place of; text outside its marks and further metadata are taken over.
    """
    before, after, theirs = _of_its_owner(former)
    name = repo.split("/")[-1]
    ours = {
        "license": "cc-by-sa-4.0",  # as of the photos that the weights were learned from
        "datasets": [DATASET],
        "metrics": ["mean_iou", "accuracy"],
        "pipeline_tag": "image-segmentation",
        # No library_name: "keras" would advertise a loader that expects one model per repository.
        "tags": ["keras", "semantic-segmentation", *networks, "pets"],
        "model_name": name,
        "eval_results": [result for name, (_, metrics) in networks.items() for result in _eval_results(name, metrics)],
    }
    described = [NETWORKS[name] for name in networks]
    introduced = [f"[{network.title}]({network.paper}) ({network.authors}), {network.summary}" for network in described]
    images = [f"![{path}]({path})" for path in paths if path.endswith((".png", ".jpg"))]
    sections = [
        f"# {name}: {' and '.join(network.title for network in described)} for photos of pets",
        f"Semantic segmentation of a pet's photo into {', '.join(CLASS_NAMES[:-1])} and {CLASS_NAMES[-1]}, by "
        + ", and by ".join(introduced)
        + (". Both were trained on the same photos, to be compared with each other." if len(networks) > 1 else "."),
        (
            "## How to use\n\nFrom a clone of this project, with its requirements installed and a photo at hand:\n\n"
            f"```python\n{_snippet(repo, list(networks), revision)}```\n\n"
            "The weights are plain tensors in safetensors files; loading them runs no code of this repository."
        ),
        _results(networks),
        # Links to the files beside the report, as they are from the repository's top, where the card lies.
        report and "## The contest\n\n" + re.sub(r"\]\((?![a-z]+:|#|/)", f"]({REPORT}/", report.strip()),
        images and "## Curves and samples\n\n" + "\n\n".join(images),
        _training(networks),
        (
            "## Limits\n\n- Trained on cats and dogs of 37 breeds, mostly one animal, in focus and near the middle;"
            " other animals, several pets or crowded scenes were not measured.\n- Photos are squashed to the network's"
            " square, whatever their aspect ratio; fine fur, whiskers and leashes get lost.\n- The outline class is the"
            " annotators' band of doubt around a pet and counts in the means as much as any other.\n- Made for"
            " learning and comparing, not for decisions about animals or people."
        ),
        _attribution(networks),
    ]
    written = "\n\n".join([BEGIN, *filter(None, sections), END])
    return f"---\n{ModelCardData(**theirs | ours).to_yaml()}\n---\n{before or chr(10)}{written}{after or chr(10)}"


def _of_its_owner(card):
    """What stands before and behind the marks of a card, and its metadata; nothing where it has none."""
    if not keeps_text(card):
        return "", "", {}
    try:
        former = ModelCard(card)
    except Exception:  # its YAML is broken, in more ways than one
        return "", card.partition(END)[2], {}
    metadata = former.data.to_dict()
    metadata.pop("model-index", None)
    return former.text.partition(BEGIN)[0], card.partition(END)[2], metadata


def _snippet(repo, names, revision):
    at = f", revision={revision!r}" if revision != MAIN else ""
    return f"""from huggingface_hub import snapshot_download

from seg.inference import Segmenter

folder = snapshot_download({repo!r}{at}, allow_patterns=["*.json", "*.safetensors"])
for name in {names!r}:
    classes = Segmenter(f"{{folder}}/{{name}}").segment("photo.jpg")  # (height, width): {numbered()}
    print(name, [round(float((classes == c).mean()), 3) for c in range({NUM_CLASSES})])
"""


def _eval_results(name, metrics):
    rows = [(kind, label, metrics[key]) for key, (kind, label) in _SCORES.items()]
    rows += [("iou", f"IoU of {class_name}", metrics["iou"][class_name]) for class_name in CLASS_NAMES]
    return [
        EvalResult(
            task_type="image-segmentation",
            dataset_type=DATASET,
            dataset_name="Oxford-IIIT Pet",
            dataset_split=metrics.get("split", "test"),
            metric_type=kind,
            metric_name=f"{TITLES[name]}: {label}",
            metric_value=value,
        )
        for kind, label, value in rows
        if value is not None
    ]


def _results(networks):
    labels = [label for _, label in _SCORES.values()] + [f"IoU {name}" for name in CLASS_NAMES]
    rows = []
    for name, (config, metrics) in networks.items():
        values = [metrics[key] for key in _SCORES] + [metrics["iou"][class_name] for class_name in CLASS_NAMES]
        parameters = f"{config['parameters']:,}" if config["parameters"] else "-"
        rows.append([TITLES[name], parameters, *("-" if value is None else f"{value:.4f}" for value in values)])
    scores = [metrics for _, metrics in networks.values()]
    counts, sizes = ({m[key] for m in scores if isinstance(m.get(key), int)} for key in ("photos", "scored_at"))
    on = " and ".join(f"{count:,}" for count in sorted(counts)) or "the"
    at = f", at {min(sizes)} x {min(sizes)} pixels" if len(sizes) == 1 else ""
    return (
        "## Results\n\n"
        f"On {on} photos of the official test split{at}, which was scored once. All from one confusion "
        "matrix over all pixels; means are unweighted over the classes.\n\n"
        + _table(["network", "parameters", *labels], rows)
    )


def _training(networks):
    stages_by_network = {name: stages_of(config) for name, (config, _) in networks.items()}
    datasets = [stage.get("dataset") for stages in stages_by_network.values() for stage in reversed(stages)]
    split = next((d for d in datasets if isinstance(d, dict)), {})
    uses = {"train": "training", "validation": "validation"}
    counts = [f"{split[key]:,} for {use}" for key, use in uses.items() if isinstance(split.get(key), int)]
    told = [
        counts and f"Photos of the official training split: {' and '.join(counts)}.",
        training_sentence(stages_by_network),
        "Each network's folder holds its `config.json` with every setting of every run and its `history.csv`.",
    ]
    stages = [stage for stages in stages_by_network.values() for stage in stages]
    columns = {key: head for key, head in _COLUMNS.items() if any(stage.get(key) is not None for stage in stages)}
    runs = [
        [TITLES[name], str(number), *(_cell(stage.get(key)) for key in columns)]
        for name, stages in stages_by_network.items()
        for number, stage in enumerate(stages, start=1)
    ]
    rows = {
        "layers that did not start at random": [pretrained_layers(stages) for stages in stages_by_network.values()],
        "size of the network's input, pixels": [config["image_size"] for config, _ in networks.values()],
        "arguments": [", ".join(f"{k} {v}" for k, v in config["arguments"].items()) for config, _ in networks.values()],
    }
    parts = [
        "## Training",
        " ".join(filter(None, told)),
        runs and _table(["network", "run", *columns.values()], runs),
        _table(
            ["setting", *(TITLES[name] for name in networks)],
            [[label, *map(_cell, values)] for label, values in rows.items()],
        ),
    ]
    return "\n\n".join(filter(None, parts))


def _attribution(networks):
    told = (
        "## Attribution\n\n- Photos and masks: [Oxford-IIIT Pet](https://www.robots.ox.ac.uk/~vgg/data/pets/) by"
        ' Parkhi, Vedaldi, Zisserman and Jawahar, "Cats and Dogs", CVPR 2012, under CC BY-SA 4.0. These weights were'
        " learned from them and come under the same licence."
    )
    for name, (config, _) in networks.items():
        if pretrained_layers(stages_of(config)):
            told += (
                f"\n- {TITLES[name]}'s encoder started from weights of"
                " [VGG-16](https://www.robots.ox.ac.uk/~vgg/research/very_deep/) for ImageNet by Simonyan and"
                " Zisserman, under CC BY 4.0."
            )
    return told


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value):
    """A value from a file as a cell that cannot break the table."""
    if value in (None, []):
        return "-"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")[:300]
