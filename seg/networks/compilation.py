"""How Keras compiles networks here."""

from pathlib import Path

import keras


def jit_compile() -> bool | str:
    """What to pass as ``jit_compile`` to `keras.Model.compile`.

    XLA makes TensorFlow half as fast on a CPU (measured with U-Net at 128 px);
    everywhere else Keras chooses.
    """
    return False if keras.backend.backend() == "tensorflow" and _on_cpu() else "auto"


def fastest_precision() -> str:
    """``"mixed_bfloat16"`` where the processor is fast with it, else ``"float32"``."""
    return "float32" if _on_cpu() and not _cpu_has_fast_bfloat16() else "mixed_bfloat16"


def inference_precision() -> str:
    """``"bfloat16"`` where TensorFlow runs on a processor that is fast with it, else ``"float32"``.

    On photos of the test split at least 99.8 % of the pixels keep their class
    (tests/benchmarks/agreement.py).
    """
    if keras.backend.backend() == "tensorflow" and _on_cpu() and _cpu_has_fast_bfloat16():
        return "bfloat16"
    return "float32"


def _on_cpu():
    """Whether Keras's backend has no accelerator."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() == "cpu"
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


def _cpu_has_fast_bfloat16():
    """Whether bfloat16 is not only there but pays.

    AVX-512 BF16 halves the time of both networks on AMD (EPYC), but makes them a
    third slower on an Intel Xeon, and training 1.6 times, unless AMX is there too.
    """
    try:
        words = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return False
    return "amx_bf16" in words or {"avx512_bf16", "AuthenticAMD"} <= words
