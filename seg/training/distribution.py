"""Training on every device there is, on one machine or several, with JAX.

Each device holds the whole network and its share of a batch (data parallelism);
the steps are those of one device. Keras' other backends use one device.

Several processes are told of each other by Keras' environment variables:
KERAS_DISTRIBUTION_JOB_ADDRESSES (of the first, ``HOST:PORT``),
KERAS_DISTRIBUTION_NUM_PROCESSES and KERAS_DISTRIBUTION_PROCESS_ID. They share a
work folder; the first alone writes.
"""

import os
import sys
from contextlib import contextmanager

import keras

from seg.errors import UserError


def join_processes() -> None:
    """Joins the other processes that the environment names; call it before anything computes.

    Every process but the first then prints nothing.

    Raises:
        UserError: the variables make no sense, or the others do not come.
    """
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" not in os.environ:
        return
    if keras.backend.backend() != "jax":
        raise UserError(
            "Several processes train together only with JAX; set KERAS_BACKEND=jax, or unset"
            " KERAS_DISTRIBUTION_NUM_PROCESSES."
        )
    try:
        keras.distribution.initialize()
    except Exception as error:  # of JAX, gRPC, or a number that is none
        cause = str(error).strip().splitlines()
        raise UserError(
            f"The processes did not find each other ({cause[0][:160] if cause else type(error).__name__}); check"
            " KERAS_DISTRIBUTION_JOB_ADDRESSES, KERAS_DISTRIBUTION_NUM_PROCESSES and KERAS_DISTRIBUTION_PROCESS_ID."
        ) from error
    if not is_first_process():
        sys.stdout = open(os.devnull, "w")


def process_place() -> tuple[int, int]:
    """The index of this process, and how many there are."""
    if keras.backend.backend() != "jax":
        return 0, 1
    import jax

    return jax.process_index(), jax.process_count()


def is_first_process() -> bool:
    """Whether this process writes files; true where there is but one."""
    return process_place()[0] == 0


def wait_for_all(what: str) -> None:
    """Returns when every process has come to the same ``what``."""
    if process_place()[1] > 1:
        from jax.experimental import multihost_utils

        multihost_utils.sync_global_devices(what)


@contextmanager
def first_process_first(what: str):
    """Runs the block in the first process, then in the others."""
    if not is_first_process():
        wait_for_all(what)
    yield
    if is_first_process():
        wait_for_all(what)


@contextmanager
def distributed(batch_size: int):
    """Networks built within train on every device of every process.

    Yields:
        Callbacks that `keras.Model.fit` needs for it.

    Raises:
        UserError: a batch cannot be split evenly.
    """
    devices = keras.distribution.list_devices() if keras.backend.backend() == "jax" else []
    if len(devices) < 2:
        yield []
        return
    if batch_size % len(devices):
        raise UserError(
            f"A batch of {batch_size} photos cannot be split over {len(devices)} devices; give a multiple as"
            " --batch-size."
        )
    parallel = _DataParallel(devices=devices, auto_shard_dataset=False)
    keras.distribution.set_distribution(parallel)
    try:
        yield [_ValidateOnEach(parallel)]
    finally:
        keras.distribution.set_distribution(None)


class _DataParallel(keras.distribution.DataParallel):
    """Splits batches over the devices, or gives all of each batch to every one."""

    split = True

    def get_data_layout(self, data_shape):
        if self.split:
            return super().get_data_layout(data_shape)
        return keras.distribution.TensorLayout([None] * len(data_shape), self.device_mesh)


class _ValidateOnEach(keras.callbacks.Callback):
    """The number of validation photos need not be a multiple of the devices."""

    def __init__(self, parallel):
        super().__init__()
        self.parallel = parallel

    def on_test_begin(self, logs=None):
        self.parallel.split = False

    def on_test_end(self, logs=None):
        self.parallel.split = True
