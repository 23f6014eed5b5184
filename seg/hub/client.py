"""How this project speaks with the Hugging Face Hub: bounded in time, in sentences.

The client of `huggingface_hub` retries parts of an upload by itself; its other
requests wait for an answer forever and fail with a page of text.
"""

import functools
import os
import ssl
import sys
import time

import httpx2
from huggingface_hub import HfApi, get_session, get_token, set_client_factory
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
)
from huggingface_hub.utils import parse_ratelimit_headers, validate_repo_id

from seg.errors import UserError

CONNECT_SECONDS = 10
ANSWER_SECONDS = 60
"""How long a request of `hub` may wait for a connection, and for the next byte."""

ATTEMPTS = 4
LONGEST_PAUSE_SECONDS = 300
"""`retrying` tries this often and pauses 2, 4 and 8 seconds in between, or as
long as the Hub asks for, up to the longest, over which the Hub counts requests."""

# 409 and 412: somebody else committed at the same moment.
_PASSING_STATUS = (408, 409, 412, 429, 500, 502, 503, 504)
_LOGIN = "run `hf auth login`, or set HF_TOKEN, with a token from https://huggingface.co/settings/tokens that may write"


class HubFailure(Exception):
    """The Hub could not be asked, or not to the end; says why as the end of a sentence."""


@functools.cache
def hub() -> HfApi:
    """The Hub's client, none of whose requests waits forever."""
    # The client's own factory sets hooks that belong to it, such as the one that honours HF_HUB_OFFLINE.
    hooks = get_session().event_hooks
    timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    set_client_factory(lambda: httpx2.Client(event_hooks=hooks, follow_redirects=True, timeout=timeout))
    return HfApi()


def check_repo_name(repo: str, source: str | None = None) -> None:
    """Makes sure that ``repo`` has the form ``USER/REPO``.

    Args:
        source: the option or variable it came from, which the error names.

    Raises:
        UserError: it has not.
    """
    try:
        validate_repo_id(repo)
        if repo.count("/") != 1:
            raise HFValidationError("no user")
    except HFValidationError as error:
        quoted = f"{source}: {repo[:80]!r}" if source else repr(repo[:80])
        raise UserError(
            f"{quoted} is no repository of the Hub, which is named USER/REPO, with letters, digits, '-', '_' and '.'"
            " only."
        ) from error


def retrying(action, attempts: int = ATTEMPTS):
    """Calls ``action`` again where waiting helps; returns what it returns.

    That is after an answer of 408, 409, 412, 429 or 5xx, a timeout and a lost
    connection. The last error is raised as it came.
    """
    for attempt in range(1, attempts + 1):
        try:
            return action()
        except Exception as error:
            if attempt == attempts or not _passes(error):
                raise
            pause = max(2**attempt, _asked_pause(error))
            print(f"The Hub: {explain(error)}; trying again in {pause} s ({attempt} of {attempts - 1}).", flush=True)
            _wait(pause)


def make_writable(repo: str, private: bool, repo_type: str = "model", space_sdk: str | None = None) -> None:
    """Makes sure that a repository is there and that this token may write to it.

    Args:
        private: whether it must be a private one; it is made so where it does not exist.
        space_sdk: of a Space that does not exist.

    Raises:
        UserError: it is public.
        Exception: whatever the Hub's client does.
    """
    of_repo = {"repo_id": repo, "repo_type": repo_type}
    made_with = {"private": private or None, "space_sdk": space_sdk}
    try:
        retrying(lambda: hub().auth_check(**of_repo, write=True))
    except Exception as error:
        if status_of(error) != 404:
            raise
        retrying(lambda: hub().create_repo(**of_repo, **made_with, exist_ok=True))
        retrying(lambda: hub().auth_check(**of_repo, write=True))
    if private and not retrying(lambda: hub().repo_info(**of_repo)).private:
        raise UserError(
            f"{repo} exists and is public, so --private cannot hold; make it private in its settings on the Hub, or"
            " leave out --private."
        )


def status_of(error: BaseException) -> int | None:
    """The HTTP status that led to an error, or None where there was no answer."""
    cause = _cause(error, HfHubHTTPError)
    return cause.response.status_code if cause is not None else None


def token_problem(error: BaseException) -> str | None:
    """What is wrong with the token, where an error comes of that alone: what is public may then be had without it."""
    if _cause(error, UnicodeEncodeError):
        return "the token for the Hub has a letter in it that no token has"
    if status_of(error) == 401 and get_token() is not None:
        return "the token for the Hub is invalid or expired"
    return None


def explain(error: BaseException, repo: str = "the repository", write: bool = True) -> str:
    """What went wrong and what to do, as the end of a sentence without its full stop.

    Args:
        error: whatever the Hub's client raised, or a `HubFailure`.
        repo: what was asked for.
        write: whether it was to be written.
    """
    if isinstance(error, HubFailure):
        return str(error)
    if _cause(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE keeps this computer off the Hub; unset it"
    if _cause(error, LocalTokenNotFoundError):
        return f"there is no token for the Hub; {_LOGIN}"
    if _cause(error, UnicodeEncodeError):
        return f"{token_problem(error)}; {_LOGIN}"
    if untrusted := _cause(error, ssl.SSLCertVerificationError):
        return (
            f"the Hub's certificate is not trusted ({untrusted.verify_message.rstrip('.')}); see that this computer's"
            " clock is right, and where a proxy or a Hub of your own has an authority of its own, name its file in"
            " SSL_CERT_FILE"
        )
    status = status_of(error)
    if status is not None:
        return _explain_status(status, error, repo, write)
    authorities = os.environ.get("SSL_CERT_FILE")
    if authorities and isinstance(error, OSError) and error.filename is None and not _cause(error, httpx2.HTTPError):
        return f"no certificates can be read from SSL_CERT_FILE, {authorities!r}; name a PEM file, or leave it out"
    if _cause(error, httpx2.TimeoutException):
        return "the Hub did not answer in time; try again later"
    if _cause(error, httpx2.TransportError):
        return "the Hub could not be reached or the connection broke; check the network and try again"
    reason = " ".join(str(error).split())[:200].rstrip(".")
    if isinstance(error, (ValueError, TypeError, KeyError, AttributeError)):
        return (
            f"the Hub's answer makes no sense, as when a proxy or a login page answers for it ({type(error).__name__}:"
            f" {reason})"
        )
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__


def _explain_status(status, error, repo, write):
    if _cause(error, GatedRepoError):
        return f"{repo} is gated; accept its terms on its page and set HF_TOKEN to your token"
    if status == 401:
        if write:
            return f"the Hub does not accept the token, which is invalid or expired; {_LOGIN}"
        return f"{repo} does not exist, or is private; check the name, or set HF_TOKEN to a token that may read it"
    if status == 402:
        return f"the Hub wants a paid plan for {repo}"
    if status == 403:
        return (
            f"the token may not {'write to' if write else 'read'} {repo}; give it that permission at"
            " https://huggingface.co/settings/tokens"
        )
    if status == 404:
        return f"{repo} does not exist{'' if write else ', or is private'}; check the name, or the token's permission"
    if status in (409, 412):
        return f"{repo} is being changed by somebody else (the Hub answered {status}); try again"
    if status == 429:
        return "the Hub limits how often it is asked (it answered 429); wait some minutes"
    if status >= 500:
        return f"the Hub is having trouble (it answered {status}); try again later"
    said = " ".join((_cause(error, HfHubHTTPError).server_message or "").split())[:200].rstrip(".")
    return f"the Hub answered {status}{f' ({said})' if said else ''}"


def _passes(error):
    status = status_of(error)
    if status is not None:
        return status in _PASSING_STATUS
    return _cause(error, httpx2.TransportError) is not None and _cause(error, ssl.SSLCertVerificationError) is None


def _asked_pause(error):
    """Seconds that the Hub asks to wait for, up to the longest pause; 0 where it asks for none."""
    cause = _cause(error, HfHubHTTPError)
    headers = cause.response.headers if cause is not None else {}
    limit, asked = parse_ratelimit_headers(headers), headers.get("Retry-After", "").strip()
    if limit is not None and not limit.remaining:
        seconds = limit.reset_in_seconds + 1  # the Hub rounds
    else:
        seconds = int(asked) if asked.isdecimal() else 0
    return min(seconds, LONGEST_PAUSE_SECONDS)


def _wait(seconds):
    """Sleeps; on a terminal with the time left before one's eyes."""
    if not sys.stdout.isatty():
        return time.sleep(seconds)
    for left in range(seconds, 0, -1):
        print(f"\r{left} s ", end="", flush=True)
        time.sleep(1)
    print("\r", end="", flush=True)


def _cause(error, kind):
    """The first error of a kind among an error and those that led to it."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error
