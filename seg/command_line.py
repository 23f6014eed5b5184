"""What the project's command lines have in common."""

import argparse
import contextlib
import os
import signal
import sys
import time

from seg.errors import UserError, unreadable

LEAST_LIMIT = 10
"""Of so few photos one can still be held out."""

BACKENDS = ("tensorflow", "jax")
"""Of Keras, what the networks run on."""


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter):
    """Adds the defaults that say something: neither None nor lists nor switches that are off."""

    def _get_help_string(self, action):
        if action.default is None or isinstance(action.default, (list, bool)):
            return action.help
        return super()._get_help_string(action)


class Stopped(BaseException):
    """The system asks a program that runs until then to end: SIGTERM and SIGHUP raise it."""


def run_command(name: str, command, stopped: str = "the same command starts over", until_stopped: bool = False) -> int:
    """Runs a program of the project: its prints can end nothing, signals do, and what went wrong is one sentence.

    Args:
        name: of the program, which stands before that sentence.
        command: what it does, called without arguments.
        stopped: what to do after Ctrl-C, where `once_stopped` says nothing else.
        until_stopped: SIGTERM and SIGHUP are how the program ends; else they are as Ctrl-C.

    Returns:
        The exit status: 2 after a `UserError` or a file without the right to it, 130 after Ctrl-C, else 0.
    """
    spare_loopback_the_proxy()
    with unbreakable_output():
        try:
            with _stop_signals(Stopped if until_stopped else KeyboardInterrupt):
                command()
        except (UserError, PermissionError) as error:
            told = error if isinstance(error, UserError) else unreadable(str(error.filename or "A file"), error)
            print(f"{name}: {told}", file=sys.stderr)
            return 2
        except KeyboardInterrupt as stop:
            print(f"\n{name}: stopped; {str(stop) or stopped}.", file=sys.stderr)
            return 130
        except Stopped:
            pass
        return 0


def wait_for_stop() -> None:
    """Until the program is asked to end.

    Raises:
        Stopped, KeyboardInterrupt: it was before, and an import lost that.
    """
    if _asked:
        raise _asked[0]
    with contextlib.suppress(Stopped, KeyboardInterrupt):
        while True:
            time.sleep(3600)


@contextlib.contextmanager
def once_stopped(told: str):
    """Has `run_command` say ``told`` where Ctrl-C stops the block."""
    try:
        yield
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(told) from stop


def path_argument(text: str) -> str:
    """The type of every option that takes a path: ``~`` is the home folder, also behind an equals sign."""
    return os.path.expanduser(text)  # noqa: PTH111 - a name that nobody has stays as it is, where Path raises


def add_data_options(parser: argparse.ArgumentParser, kept: str = "the cache of decoded photos") -> None:
    """Adds ``--data-dir`` and ``--work-dir``.

    Args:
        kept: what lies in the work folder.
    """
    parser.add_argument(
        "--data-dir", type=path_argument, help="folder with a prepared oxford_iiit_pet/4.*; without it TFDS downloads"
    )
    parser.add_argument("--work-dir", type=path_argument, default="runs", help=f"folder for {kept}")


def check_limit(parser: argparse.ArgumentParser, limit: int | None) -> None:
    """Ends the program with status 2 where ``--limit`` leaves too few photos."""
    if limit is not None and limit < LEAST_LIMIT:
        parser.error(f"--limit must be at least {LEAST_LIMIT}, so that a tenth can be held out.")


def check_folder(parser: argparse.ArgumentParser, option: str, folder: str | None) -> None:
    """Ends the program with status 2 where an option names a folder that is not there."""
    if folder is not None and not os.path.isdir(folder):
        parser.error(f"{option}: there is no folder {folder}.")


def spare_loopback_the_proxy() -> None:
    """Keeps requests of this machine to itself away from the proxy that the environment names."""
    here = ("localhost", "127.0.0.1", "::1")
    for name in ("NO_PROXY", "no_proxy"):
        listed = [host.strip() for host in os.environ.get(name, "").split(",") if host.strip()]
        os.environ[name] = ",".join([*listed, *(host for host in here if host not in listed)])


def check_backend() -> None:
    """Makes sure that Keras runs with the backend that ``KERAS_BACKEND`` names, by default TensorFlow.

    What stands in ``~/.keras/keras.json`` changes nothing: the networks here are written for channels last, float32.

    Raises:
        UserError: it does not.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's log of its own start is of no use
    backend = os.environ["KERAS_BACKEND"] = os.environ.get("KERAS_BACKEND") or "tensorflow"
    try:
        if backend not in BACKENDS:
            raise ValueError(f"the networks here run on {' or '.join(BACKENDS)}")
        import keras
    except (ImportError, ValueError, AssertionError) as error:
        unknown = "~/.keras/keras.json has values that Keras does not know"
        reason = unknown if isinstance(error, AssertionError) else str(error).rstrip(".")
        raise UserError(
            f"Keras cannot run with KERAS_BACKEND={backend}: {reason}. Install that backend, or leave KERAS_BACKEND out"
            " for TensorFlow."
        ) from error
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)


_asked: list[BaseException] = []
"""What the signals of the running `run_command` raised."""


@contextlib.contextmanager
def _stop_signals(stop_with):
    """Makes SIGTERM and SIGHUP raise ``stop_with`` while the block runs, and SIGINT as ever.

    That also ends process 1 of a container, for which the system leaves out what signals do by themselves. A signal
    that is ignored, as under nohup, stays ignored.

    Raises:
        KeyboardInterrupt, Stopped: also where the block made another error of it, as C++ code does with what a signal
            raises amid the import of a library.
    """

    def stop(number, frame):
        _asked.append(KeyboardInterrupt() if number == signal.SIGINT else stop_with())
        raise _asked[-1]

    _asked.clear()
    former = {}
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            former[number] = signal.signal(number, stop)
    try:
        yield
    except Exception as error:
        if not _asked:
            raise
        raise _asked[0] from error
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def unbreakable_output():
    """Nothing that is printed while the block runs can end it.

    A letter that the console's encoding lacks is written as its code; a pipe whose reader has gone, a full disk below
    a log or a closed stream lose text, and nothing else. Logs are written line by line.
    """
    out, err = _Unbreakable(sys.stdout), _Unbreakable(sys.stderr)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yield
        finally:
            out.flush()
            err.flush()


class _Unbreakable:
    """A text stream whose writes never raise; in all else the stream it is made of."""

    def __init__(self, stream):
        if stream is None:  # closed when the program started
            stream = open(os.devnull, "w")
        with contextlib.suppress(AttributeError, OSError, ValueError):  # a stream of a test or a notebook
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
        self._stream = stream

    def write(self, text):
        self._try(lambda: self._stream.write(text))
        return len(text)

    def writelines(self, lines):
        self.write("".join(lines))

    def flush(self):
        self._try(self._stream.flush)

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def _try(self, act):
        try:
            act()
        except BrokenPipeError:
            # What is buffered would be tried again, and fail, when Python ends.
            with contextlib.suppress(OSError, ValueError), open(os.devnull, "w") as nothing:
                os.dup2(nothing.fileno(), self._stream.fileno())
        except (OSError, ValueError):
            pass
