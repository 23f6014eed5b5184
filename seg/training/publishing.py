"""The run's way to the Hugging Face Hub."""

from pathlib import Path

from seg.hub.push import prepare_target, push_weights, read_publishable
from seg.hub.target import Target
from seg.networks import TITLES


def push(options) -> None:
    """Publishes what the output folder holds."""
    target = _target(options)
    read_publishable(options.output)
    if options.push_only:  # else checked before training
        prepare_target(target)
    print(f"Pushed: {push_weights(options.output, target)}")


def prepare_push(options) -> None:
    """Makes sure, before training, that what it leaves can be pushed."""
    # What lies beside the networks to train goes up with them.
    others = [name for name in TITLES if name not in options.networks and (Path(options.output) / name).is_dir()]
    if others:
        read_publishable(options.output, others)
    prepare_target(_target(options))


def _target(options):
    return Target(options.push_to, options.private, options.revision)
