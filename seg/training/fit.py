"""Fits one network to the training photos."""

import sys
import time
from dataclasses import dataclass, field

import keras
import numpy as np

from seg.classes import NUM_CLASSES
from seg.data.batches import OrderedBatches, TrainingBatches
from seg.errors import UserError
from seg.networks import TITLES, build_network, tensors_of
from seg.networks.compilation import jit_compile
from seg.networks.encoder_start import start_encoder
from seg.progress import Progress, verbosity
from seg.training.averaging import AveragedWeights
from seg.training.checkpoint import load_checkpoint, save_checkpoint
from seg.training.distribution import distributed, is_first_process, process_place
from seg.training.losses import CrossEntropyAndDice
from seg.training.recipe import Recipe, describe

# Photos on which the encoder is brought to unit variance.
_START_PHOTOS = 32
_WARMUP_SHARE = 0.05


@dataclass
class Fitted:
    """What a training run has brought.

    Attributes:
        tensors: weights of the epoch with the best validation mean IoU.
        pretrained_layers: encoder layers that did not start at random.
        history: one row an epoch: ``epoch``, ``loss``, ``pixel_accuracy``,
            ``mean_iou``, the same with ``val_``, ``learning_rate``, ``seconds``.
        best_epoch: that of the tensors, counted from 1; 0 where none beat the start.
        start_mean_iou: validation mean IoU of the weights that the run started
            from, None where it started anew.
    """

    tensors: dict
    pretrained_layers: list
    history: list = field(default_factory=list)
    best_epoch: int = 0
    start_mean_iou: float | None = None

    @property
    def best_mean_iou(self) -> float | None:
        """Of the best epoch or the start; None before there is any."""
        return self.history[self.best_epoch - 1]["val_mean_iou"] if self.best_epoch else self.start_mean_iou


def fit_network(
    recipe: Recipe, train, validation, checkpoint_path, start: dict | None = None, data: str | None = None
) -> Fitted:
    """Trains a network, with a checkpoint after every epoch; goes on from the checkpoint that is there.

    Args:
        train, validation: `seg.data.photo_set.PhotoSet`.
        checkpoint_path: file that holds the unfinished run; `check_resumable` has looked at it.
        start: weights to start from, as `seg.networks.tensors_of` returns them,
            instead of random ones and the recipe's encoder weights. They are
            validated as epoch 0 and kept until an epoch beats them.
        data: fingerprint of the photos, which the checkpoint keeps.

    Raises:
        UserError: see `start_encoder`, `save_checkpoint`, `load_checkpoint`, `distributed`.
    """
    title = TITLES[recipe.network]
    found = load_checkpoint(checkpoint_path)
    keras.config.set_dtype_policy(recipe.precision)
    try:
        averaged = [AveragedWeights(recipe, train)] if recipe.ema_momentum is not None else []
        keras.utils.set_random_seed(recipe.seed)  # behind the average's twin, whose weights were drawn too
        with distributed(recipe.batch_size) as callbacks:
            network = build_network(recipe.network, recipe.arguments)
            pretrained = []
            if found is not None:
                pretrained = found[0]["pretrained_layers"]
            elif start is not None:
                for weight in network.weights:
                    weight.assign(start[weight.path])
            elif recipe.encoder_weights is not None:
                few = train.spread(_START_PHOTOS)
                pretrained = start_encoder(network, recipe.encoder_weights, few.batch(range(len(few)))[0])
            fitted = Fitted(tensors_of(network), pretrained)
            progress = _Progress(network, describe(recipe) | {"data": data}, fitted, checkpoint_path)
            initial_epoch = len(found[0]["history"]) if found is not None else 0
            batches = TrainingBatches(
                train, recipe.batch_size, recipe.augmentation, recipe.seed, initial_epoch, process_place()
            )
            network.compile(
                optimizer=_optimizer(recipe, len(batches), pretrained),
                loss=CrossEntropyAndDice(recipe.dice_weight),
                metrics=[
                    keras.metrics.SparseCategoricalAccuracy(name="pixel_accuracy"),
                    keras.metrics.MeanIoU(NUM_CLASSES, sparse_y_pred=False, name="mean_iou"),
                ],
                jit_compile=jit_compile(),
            )
            network.optimizer.build(network.trainable_variables)
            held_out = OrderedBatches(validation, recipe.batch_size)
            if found is not None:
                progress.restore(*found)
                print(f"Resuming {title} after epoch {initial_epoch} of {recipe.epochs}.", flush=True)
            elif start is not None:
                scores = network.evaluate(held_out, callbacks=callbacks, verbose=0, return_dict=True)
                fitted.start_mean_iou = float(scores["mean_iou"])
                print(
                    f"{title}: the start has validation mean IoU {fitted.start_mean_iou:.4f}; it is kept until an epoch"
                    " beats it.",
                    flush=True,
                )
            if not sys.stdout.isatty():  # in a log no bar can move
                done, total = (epochs * len(batches) for epochs in (initial_epoch, recipe.epochs))
                steps = Progress(f"Training {title}", total, "steps", done)
                callbacks.append(keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.update()))
            network.fit(
                batches,
                validation_data=held_out,
                epochs=recipe.epochs,
                initial_epoch=initial_epoch,
                shuffle=False,
                # Told before the average leaves the network again, `progress` sees what was validated.
                callbacks=[progress, *callbacks, *averaged],
                verbose=verbosity(),
            )
        return fitted
    finally:
        keras.config.set_dtype_policy("float32")


def check_resumable(recipe: Recipe, path, resume: bool, data: str | None = None) -> None:
    """Makes sure that a run can start, or go on, with the checkpoint at ``path``.

    Args:
        data: fingerprint of the photos, where it is known already.

    Raises:
        UserError: there is one that would be lost, of other settings or photos,
            or damaged.
    """
    found = load_checkpoint(path, tensors=False)
    if found is None:
        return
    state, settings, title = found[0], describe(recipe), TITLES[recipe.network]
    done, total = len(state["history"]), state["settings"]["epochs"]
    if not resume:
        raise UserError(
            f"{path} holds a run of {title} after epoch {done} of {total}; go on with --resume, or delete that file to"
            " start over."
        )
    changed = [key for key in settings if settings[key] != state["settings"].get(key)]
    if changed:
        was = ", ".join(f"{key} {state['settings'].get(key)}" for key in changed)
        raise UserError(
            f"The unfinished run of {title} in {path} has other settings ({was}); use the same options, or delete that"
            " file to start over."
        )
    # Checkpoints of former versions do not know their photos.
    if data is not None and state["settings"].get("data") not in (None, data):
        raise UserError(
            f"The unfinished run of {title} in {path} was trained on other photos than these; give the same data, or"
            " delete that file to start over."
        )


class AdamW(keras.optimizers.AdamW):
    """AdamW whose steps are ``encoder_rate`` times as long in the pretrained layers."""

    def __init__(self, pretrained, encoder_rate, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self._pretrained, self._encoder_rate = frozenset(pretrained), encoder_rate

    def update_step(self, gradient, variable, learning_rate):
        layer = self._trainable_variables[self._get_variable_index(variable)].path.split("/")[0]
        factor = self._encoder_rate if layer in self._pretrained else 1.0
        super().update_step(gradient, variable, factor * learning_rate)


def _optimizer(recipe, steps_per_epoch, pretrained=()):
    steps = recipe.epochs * steps_per_epoch
    warmup = int(steps * _WARMUP_SHARE)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=recipe.learning_rate,
        warmup_steps=max(1, warmup),
        decay_steps=steps - warmup,
    )
    optimizer = AdamW(
        pretrained,
        recipe.encoder_rate or 1.0,
        schedule,
        weight_decay=recipe.weight_decay,
        use_ema=recipe.ema_momentum is not None,
        ema_momentum=recipe.ema_momentum or 0.99,  # which Keras checks though it is not used
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


class _Progress(keras.callbacks.Callback):
    """Keeps history and best weights in ``fitted``, writes the checkpoint, tells the time left."""

    def __init__(self, network, settings, fitted, path):
        super().__init__()
        self.network, self.settings, self.fitted, self.path = network, settings, fitted, path

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.monotonic()

    def on_test_end(self, logs=None):
        self.validated_tensors = tensors_of(self.network)

    def on_epoch_end(self, epoch, logs=None):
        fitted = self.fitted
        row = {
            "epoch": epoch + 1,
            **{key: float(value) for key, value in logs.items()},
            "learning_rate": float(np.asarray(self.network.optimizer.learning_rate)),
            "seconds": time.monotonic() - self.started,
        }
        if not np.isfinite(row["loss"]):
            # Only a run whose first epoch was finished has left a checkpoint.
            again = f"delete {self.path} and run" if fitted.history else "run"
            raise UserError(
                f"The loss is not finite in epoch {epoch + 1}; {again} the same command with a --learning-rate smaller"
                f" than {self.settings['learning_rate']:g}, without --resume."
            )
        if fitted.best_mean_iou is None or row["val_mean_iou"] > fitted.best_mean_iou:
            fitted.best_epoch, fitted.tensors = epoch + 1, self.validated_tensors
        fitted.history.append(row)
        if is_first_process():
            state = {"settings": self.settings, **vars(fitted)}
            best = {f"best/{path}": tensor for path, tensor in state.pop("tensors").items()}
            now = {key: np.asarray(variable.value) for key, variable in self._variables().items()}
            save_checkpoint(self.path, state, now | best)
        self._tell_time_left()

    def restore(self, state, tensors):
        """Takes up the run where `save_checkpoint` left it."""
        try:
            for key, variable in self._variables().items():
                variable.assign(tensors[key])
            self.fitted.tensors = {path: tensors[f"best/{path}"] for path in self.fitted.tensors}
        except (KeyError, ValueError) as error:
            raise UserError(
                f"The checkpoint {self.path} does not fit this network; delete it and run without --resume."
            ) from error
        self.fitted.history, self.fitted.best_epoch = state["history"], state["best_epoch"]
        self.fitted.start_mean_iou = state.get("start_mean_iou")

    def _variables(self):
        # By position: Keras numbers optimizers and seed generators anew in each process.
        variables = (*self.network.variables, *self.network.optimizer.variables)
        return {f"now/{position:04d}": variable for position, variable in enumerate(variables)}

    def _tell_time_left(self):
        done, epochs = len(self.fitted.history), self.settings["epochs"]
        recent = [row["seconds"] for row in self.fitted.history[-3:]]
        minutes = (epochs - done) * sum(recent) / len(recent) / 60
        which = f"epoch {self.fitted.best_epoch}" if self.fitted.best_epoch else "the start"
        print(
            f"{TITLES[self.settings['network']]}: {done} of {epochs} epochs, best validation mean IoU"
            f" {self.fitted.best_mean_iou:.4f} ({which}), about {minutes:.0f} min left.",
            flush=True,
        )
