"""Fits one network to the training photos."""

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np

from seg.augmentation import Augmentation
from seg.batches import OrderedBatches, TrainingBatches
from seg.checkpoint import load_checkpoint, load_state, save_checkpoint
from seg.classes import NUM_CLASSES
from seg.compilation import jit_compile
from seg.distribution import Shards, is_first_process
from seg.errors import UserError
from seg.losses import CrossEntropyAndDice
from seg.networks import TITLES, build_network, tensors_of
from seg.networks.encoder_start import start_encoder
from seg.progress import verbosity

# Photos on which the encoder is brought to unit variance.
_START_PHOTOS = 32
_WARMUP_SHARE = 0.05


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out of a training run.

    Attributes:
        network: name in `seg.networks.TITLES`.
        arguments: of the network's builder.
        image_size: height and width of the photos, pixels.
        epochs: passes over the training photos.
        batch_size: photos per step.
        learning_rate: peak, reached after a linear warm-up, then a cosine to 0.
        weight_decay: of AdamW, on kernels only.
        encoder_weights: see `seg.networks.encoder_start`; None for U-Net.
        precision: Keras dtype policy.
        seed: of initial weights, dropout, shuffling and augmentation.
        limit: photos per split of a smoke run, else None.
        epochs_before: of the run whose weights this one starts from, 0 without.
        dice_weight: see `seg.losses.CrossEntropyAndDice`.
        ema_momentum: of the exponential moving average of the weights, which is
            what is validated and kept; None keeps the weights themselves.
    """

    network: str
    arguments: dict
    image_size: int
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    encoder_weights: str | None
    precision: str
    seed: int
    limit: int | None = None
    epochs_before: int = 0
    dice_weight: float = 0.0
    ema_momentum: float | None = None
    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True)
class Fitted:
    """What a training run brought.

    Attributes:
        tensors: weights of the epoch with the best validation mean IoU.
        best_epoch: that epoch, counted from 1.
        history: one row an epoch: ``epoch``, ``loss``, ``pixel_accuracy``,
            ``mean_iou``, the same with ``val_``, ``learning_rate``, ``seconds``.
        pretrained_layers: encoder layers that did not start at random.
    """

    tensors: dict
    best_epoch: int
    history: list
    pretrained_layers: list


def fit_network(recipe: Recipe, train, validation, checkpoint_path, resume: bool, start: dict | None = None) -> Fitted:
    """Trains a network, with a checkpoint after every epoch.

    Args:
        train, validation: `seg.dataset.PhotoSet`.
        checkpoint_path: file that holds the unfinished run.
        resume: go on from that file where it exists.
        start: weights to start from, as `seg.networks.tensors_of` returns them,
            instead of random ones and the recipe's encoder weights.

    Raises:
        UserError: see `start_encoder`, `save_checkpoint`, `load_checkpoint`;
            a checkpoint of other settings, or one that ``resume`` would lose.
    """
    check_resumable(recipe, checkpoint_path, resume)
    settings = describe(recipe)
    found = load_checkpoint(checkpoint_path)
    shards = Shards()
    keras.utils.set_random_seed(recipe.seed)
    keras.config.set_dtype_policy(recipe.precision)
    try:
        with shards.distributed(recipe.batch_size) as callbacks:
            network = build_network(recipe.network, recipe.arguments)
            pretrained = []
            if found is not None:
                pretrained = found[0]["pretrained_layers"]
            elif start is not None:
                for weight in network.weights:
                    weight.assign(start[weight.path])
            elif recipe.encoder_weights is not None:
                pretrained = start_encoder(network, recipe.encoder_weights, _start_photos(train))
            progress = _Progress(network, settings, pretrained, checkpoint_path)
            initial_epoch = len(found[0]["history"]) if found is not None else 0
            batches = TrainingBatches(
                train, recipe.batch_size, recipe.augmentation, recipe.seed, initial_epoch, (shards.index, shards.count)
            )
            network.compile(
                optimizer=_optimizer(recipe, len(batches)),
                loss=CrossEntropyAndDice(recipe.dice_weight),
                metrics=[
                    keras.metrics.SparseCategoricalAccuracy(name="pixel_accuracy"),
                    keras.metrics.MeanIoU(NUM_CLASSES, sparse_y_pred=False, name="mean_iou"),
                ],
                jit_compile=jit_compile(),
            )
            network.optimizer.build(network.trainable_variables)
            if found is not None:
                progress.restore(*found)
                print(f"Resuming {TITLES[recipe.network]} after epoch {initial_epoch} of {recipe.epochs}.", flush=True)
            # Told before the average leaves the network again, `progress` sees what was validated.
            callbacks = [progress, *callbacks]
            if recipe.ema_momentum is not None:
                callbacks.append(keras.callbacks.SwapEMAWeights())
            network.fit(
                batches,
                validation_data=OrderedBatches(validation, recipe.batch_size),
                epochs=recipe.epochs,
                initial_epoch=initial_epoch,
                shuffle=False,
                callbacks=callbacks,
                verbose=verbosity(),
            )
        return Fitted(progress.best_tensors, progress.best_epoch, progress.history, pretrained)
    finally:
        keras.config.set_dtype_policy("float32")


def describe(recipe: Recipe) -> dict:
    """The recipe as JSON can hold it; an encoder file goes by its name."""
    described = asdict(recipe)
    described["augmentation"]["zoom"] = list(recipe.augmentation.zoom)
    if recipe.encoder_weights is not None:
        described["encoder_weights"] = Path(recipe.encoder_weights).name
    return described


def check_resumable(recipe: Recipe, path, resume: bool) -> None:
    """Makes sure that a run can start, or go on, with the checkpoint at ``path``.

    Raises:
        UserError: there is one that would be lost, of other settings, or damaged.
    """
    state = load_state(path)
    if state is None:
        return
    settings, title = describe(recipe), TITLES[recipe.network]
    done, total = len(state["history"]), state["settings"]["epochs"]
    if not resume:
        raise UserError(
            f"{path} holds a run of {title} after epoch {done} of {total}; go on with --resume, or delete that file to start over."
        )
    changed = [key for key in settings if settings[key] != state["settings"].get(key)]
    if changed:
        was = ", ".join(f"{key} {state['settings'].get(key)}" for key in changed)
        raise UserError(
            f"The unfinished run of {title} in {path} has other settings ({was}); use the same options, or delete that file to start over."
        )


def _start_photos(train):
    step = max(1, len(train) // _START_PHOTOS)
    return train.batch(range(0, len(train), step)[:_START_PHOTOS])[0]


def _optimizer(recipe, steps_per_epoch):
    steps = recipe.epochs * steps_per_epoch
    warmup = int(steps * _WARMUP_SHARE)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=recipe.learning_rate,
        warmup_steps=max(1, warmup),
        decay_steps=max(1, steps - warmup),
    )
    optimizer = keras.optimizers.AdamW(
        schedule,
        weight_decay=recipe.weight_decay,
        use_ema=recipe.ema_momentum is not None,
        ema_momentum=recipe.ema_momentum or 0.99,  # which Keras checks though it is not used
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


class _Progress(keras.callbacks.Callback):
    """Keeps history and best weights, writes the checkpoint, tells the time left."""

    def __init__(self, network, settings, pretrained_layers, path):
        super().__init__()
        self.network = network
        self.settings = settings
        self.pretrained_layers = pretrained_layers
        self.path = path
        self.history = []
        self.best_epoch = 0
        self.best_tensors = tensors_of(network)

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()

    def on_test_end(self, logs=None):
        self.validated_tensors = tensors_of(self.network)

    def on_epoch_end(self, epoch, logs=None):
        row = {key: float(value) for key, value in logs.items()}
        row = {
            "epoch": epoch + 1,
            **row,
            "learning_rate": float(np.asarray(self.network.optimizer.learning_rate)),
            "seconds": time.monotonic() - self.started,
        }
        if not np.isfinite(row["loss"]):
            raise UserError(
                f"The loss is not finite in epoch {epoch + 1}; delete {self.path} and use a smaller --learning-rate."
            )
        if not self.history or row["val_mean_iou"] > self.history[self.best_epoch - 1]["val_mean_iou"]:
            self.best_epoch, self.best_tensors = epoch + 1, self.validated_tensors
        self.history.append(row)
        state = {
            "settings": self.settings,
            "pretrained_layers": self.pretrained_layers,
            "history": self.history,
            "best_epoch": self.best_epoch,
        }
        tensors = {key: np.asarray(variable.value) for key, variable in self._variables().items()}
        tensors |= {f"best/{path}": tensor for path, tensor in self.best_tensors.items()}
        if is_first_process():
            save_checkpoint(self.path, state, tensors)
        self._tell_time_left()

    def restore(self, state, tensors):
        """Takes up the run where `save_checkpoint` left it."""
        try:
            for key, variable in self._variables().items():
                variable.assign(tensors[key])
            self.best_tensors = {path: tensors[f"best/{path}"] for path in self.best_tensors}
        except (KeyError, ValueError) as error:
            raise UserError(
                f"The checkpoint {self.path} does not fit this network; delete it and run without --resume."
            ) from error
        self.history = state["history"]
        self.best_epoch = state["best_epoch"]

    def _variables(self):
        # By position: Keras numbers optimizers and seed generators anew in each process.
        variables = (*self.network.variables, *self.network.optimizer.variables)
        return {f"now/{position:04d}": variable for position, variable in enumerate(variables)}

    def _tell_time_left(self):
        left = self.settings["epochs"] - len(self.history)
        recent = [row["seconds"] for row in self.history[-3:]]
        minutes = left * sum(recent) / len(recent) / 60
        best = self.history[self.best_epoch - 1]["val_mean_iou"]
        print(
            f"{TITLES[self.settings['network']]}: {len(self.history)} of {self.settings['epochs']} epochs, "
            f"best validation mean IoU {best:.4f} (epoch {self.best_epoch}), about {minutes:.0f} min left.",
            flush=True,
        )
