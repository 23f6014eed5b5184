"""Runs calls of this project against a Hub, each in a fresh process.

`huggingface_hub` reads HF_ENDPOINT and others when it is imported, so its users
must not share the tests' process. This program is started once with the right
environment, imports what takes time (TensorFlow) and forks for every call that
comes in as a line of JSON. A fork starts from the same state: no call sees what
another left in memory.
"""

import importlib
import io
import json
import os
import sys
import time
import traceback

PRELOADED = (
    "seg.training.command",
    "seg.networks.fcn8",
    "seg.networks.unet",
    "seg.hub.pull",
    "seg.hub.push",
    "seg.inference.segmenter",
    "seg.hub.deploy",
    "huggingface_hub.hf_api",
)


def main():
    for module in PRELOADED:
        importlib.import_module(module)
    print("ready", flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(request)
        os.waitpid(child, 0)
        print("done", flush=True)


def _run(request):
    """Answers in the file that the request names, then ends the process."""
    with open(request["output"], "wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    sys.stdout = sys.stderr = io.TextIOWrapper(os.fdopen(1, "wb", 0), write_through=True)
    answer, pauses, started = {}, _without_pauses(), time.monotonic()
    try:
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        _apply(request)
        started = time.monotonic()
        module, _, name = request["call"].partition(":")
        function = getattr(importlib.import_module(module), name)
        try:
            answer["value"] = _plain(function(*request["arguments"], **request["settings"]))
        except SystemExit as stop:
            answer["value"] = stop.code
    except BaseException as error:
        answer |= {"error": type(error).__name__, "text": str(error), "trace": traceback.format_exc()}
    answer |= {"seconds": time.monotonic() - started, "pauses": pauses}
    with open(request["answer"], "w") as file:
        json.dump(answer, file)
    sys.stdout.flush()
    os._exit(0)


def _apply(request):
    """What the environment would have set at import, and shorter waits."""
    import huggingface_hub.constants

    huggingface_hub.constants.HF_HUB_CACHE = request["cache"]
    if request["environment"].get("HF_HUB_OFFLINE"):
        huggingface_hub.constants.HF_HUB_OFFLINE = True
    for target, value in request["patches"].items():
        module, _, name = target.partition(":")
        setattr(importlib.import_module(module), name, value)


def _without_pauses():
    """Shortens every pause between tries; returns the list of those asked for, seconds."""
    pauses, sleep = [], time.sleep

    def shortened(seconds):
        pauses.append(seconds)
        sleep(min(seconds, 0.01))

    time.sleep = shortened
    return pauses


def _plain(value):
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


if __name__ == "__main__":
    main()
