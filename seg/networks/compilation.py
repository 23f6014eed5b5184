"""How Keras compiles networks here."""

import keras


def jit_compile() -> bool | str:
    """What to pass as ``jit_compile`` to `keras.Model.compile`.

    XLA makes TensorFlow half as fast on a CPU (measured with U-Net at 128 px);
    everywhere else Keras chooses.
    """
    if keras.backend.backend() != "tensorflow":
        return "auto"
    import tensorflow as tf

    return "auto" if tf.config.list_physical_devices("GPU") else False


def fastest_precision() -> str:
    """``"mixed_bfloat16"`` where the processor is fast with it, else ``"float32"``."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        accelerated = bool(tf.config.list_physical_devices("GPU"))
    else:
        accelerated = keras.backend.backend() == "jax" and _jax_has_accelerator()
    return "mixed_bfloat16" if accelerated or _cpu_has_fast_bfloat16() else "float32"


def inference_precision() -> str:
    """``"bfloat16"`` where TensorFlow runs on a processor that is fast with it, else ``"float32"``.

    On photos of the test split at least 99.8 % of the pixels keep their class
    (tests/benchmarks/agreement.py).
    """
    if keras.backend.backend() != "tensorflow":
        return "float32"
    import tensorflow as tf

    return "bfloat16" if _cpu_has_fast_bfloat16() and not tf.config.list_physical_devices("GPU") else "float32"


def _jax_has_accelerator():
    import jax

    return jax.default_backend() != "cpu"


def _cpu_has_fast_bfloat16():
    """Whether bfloat16 is not only there but pays.

    AVX-512 BF16 halves the time of both networks on AMD (EPYC), but makes them a
    third slower on an Intel Xeon, and training 1.6 times, unless AMX is there too.
    """
    try:
        with open("/proc/cpuinfo") as cpuinfo:
            words = set(cpuinfo.read().split())
    except OSError:
        return False
    return "amx_bf16" in words or {"avx512_bf16", "AuthenticAMD"} <= words
