"""A training step of networks like the trained ones, at their size, as `seg.training.fit` takes it, against Keras's defaults."""

import keras
from pictures import ROOT, squares
from timing import at_least

BATCH_SIZE, PAIRS = 16, 3


def rows():
    from seg.networks import TITLES, chosen_pair
    from seg.networks.compilation import fastest_precision, jit_compile

    for name in chosen_pair():
        ours = _step(name, fastest_precision(), jit_compile())
        theirs = _step(name, "float32", "auto", _with_keras_own_layers)
        yield at_least(
            f"training step, {TITLES[name]}, batch of {BATCH_SIZE} ({fastest_precision()})",
            "Keras's defaults (its own layers, float32, XLA where Keras chooses it)",
            1.8,
            ours,
            theirs,
            (BATCH_SIZE, BATCH_SIZE),
            PAIRS,
            warm_up=1,
        )


def _with_keras_own_layers(network):
    def own(layer):
        base = keras.layers.BatchNormalization if isinstance(layer, keras.layers.BatchNormalization) else type(layer)
        return base.from_config(layer.get_config())

    return keras.models.clone_model(network, clone_function=own)


def _step(name, precision, jit, changed=lambda network: network):
    from seg.networks import build_network
    from seg.networks.weights import read_config

    config = read_config(ROOT / "weights" / name)
    keras.config.set_dtype_policy(precision)
    network = changed(build_network(name, config["arguments"]))
    keras.config.set_dtype_policy("float32")
    network.compile(
        optimizer=keras.optimizers.AdamW(1e-4),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit,
    )
    photos, masks = squares(BATCH_SIZE, config["image_size"])
    return lambda: network.train_on_batch(photos, masks)
