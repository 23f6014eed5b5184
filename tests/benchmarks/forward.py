"""The forward passes against ONNX Runtime, and against what the machine can compute."""

import os
import tempfile
from pathlib import Path

import numpy as np
from pictures import EXAMPLES, ROOT, squares
from timing import Row, at_most


def rows():
    import keras
    import onnxruntime
    import tensorflow as tf

    from seg.evaluation.complexity import multiply_adds
    from seg.networks import TITLES
    from seg.networks.compilation import inference_precision
    from seg.networks.forward import forward_pass
    from seg.networks.weights import load_network

    networks = {name: load_network(ROOT / "weights" / name) for name in TITLES}
    sizes = {name: config["image_size"] for name, (_, config) in networks.items()}
    photos = {name: squares(1, size)[0] for name, size in sizes.items()}

    def all_of(forwards):
        return lambda: [forwards[name](photos[name]) for name in TITLES]

    ours = {name: forward_pass(network) for name, (network, _) in networks.items()}
    exact = {name: forward_pass(network, "float32") for name, (network, _) in networks.items()}
    sessions = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (network, _) in networks.items():
            file = str(Path(folder) / f"{name}.onnx")
            signature = [keras.InputSpec(shape=photos[name].shape, dtype="float32")]
            network.export(file, format="onnx", verbose=False, input_signature=signature)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = os.cpu_count()
            sessions[name] = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def in_onnx(name):
        session = sessions[name]
        source = session.get_inputs()[0].name
        return lambda photo: session.run(None, {source: photo.astype(np.float32)})[0]

    theirs = {name: in_onnx(name) for name in TITLES}
    for name in TITLES:
        np.testing.assert_allclose(exact[name](photos[name]), theirs[name](photos[name]), atol=1e-3)

    precision = inference_precision()
    kept, of = 0, 0
    for name in TITLES:
        examples = squares(len(EXAMPLES), sizes[name])[0]
        same = ours[name](examples).argmax(-1) == exact[name](examples).argmax(-1)
        kept, of = kept + same.sum(), of + same.size
    yield Row(
        f"pixels of the {len(EXAMPLES)} examples with the class of float32 ({precision})",
        "all",
        "at least",
        0.998,
        float(kept / of),
        f"{of - kept} of {of} differ",
        1,
    )
    onnx = "ONNX Runtime, float32, same threads"
    yield at_most(f"both forward passes ({precision})", onnx, 1.0, all_of(ours), all_of(theirs))
    if precision != "float32":
        yield at_most("both forward passes (float32)", onnx, 1.0, all_of(exact), all_of(theirs))
    side = round(sum(multiply_adds(network, sizes[name]) for name, (network, _) in networks.items()) ** (1 / 3))
    for dtype, forwards in {precision: ours, "float32": exact}.items():
        square = tf.cast(tf.random.normal((side, side), seed=0), dtype)
        product = lambda square=square: tf.matmul(square, square).numpy()  # noqa: E731
        yield at_most(
            f"both forward passes ({dtype})",
            f"one matrix product with as many multiply-adds ({dtype})",
            2.0,
            all_of(forwards),
            product,
        )
    four = {name: squares(4, size)[0] for name, size in sizes.items()}
    singly = lambda: [ours[name](four[name][i : i + 1]) for i in range(4) for name in TITLES]  # noqa: E731
    yield at_most(
        f"both forward passes of four photos as one batch ({precision})",
        "the same photos one by one",
        1.0,
        lambda: [ours[name](four[name]) for name in TITLES],
        singly,
    )
