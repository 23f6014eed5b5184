"""Visitors who send photos through the HTTP API, as a browser does, all at once."""

import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

import httpx
import numpy as np
from PIL import Image

_PATIENCE_SECONDS = 300


class Busy(Exception):
    """The app takes no more photos; the text is what it says."""


@dataclass(frozen=True)
class Answer:
    """What came back for a photo.

    Attributes:
        masks: uint8 arrays (height, width) of class ids: FCN-8's, U-Net's.
        places: the places in the queue that the visitor was told, in order.
        joined, done: when the photo was sent and when the answer came, seconds of one clock.
    """

    masks: list
    places: list
    joined: float
    done: float


class Visitor:
    """One client of the app at ``url``."""

    def __init__(self, url: str):
        # The server closes a connection after 5 idle seconds, httpx's own limit: whoever sends in that very moment is reset.
        limits = httpx.Limits(keepalive_expiry=2)
        self._http = httpx.Client(base_url=f"{url}/gradio_api", timeout=_PATIENCE_SECONDS, limits=limits)
        dependencies = httpx.get(f"{url}/config", timeout=_PATIENCE_SECONDS).json()["dependencies"]
        self._endpoint = next(d["id"] for d in dependencies if d["api_name"] == "compare")

    def upload(self, path) -> dict:
        with open(path, "rb") as file:
            uploaded = self._http.post("/upload", files={"files": file}).raise_for_status().json()[0]
        return {"path": uploaded, "meta": {"_type": "gradio.FileData"}}

    def join(self, photo: dict) -> str:
        """Queues up with an uploaded photo; returns the session whose events tell the rest.

        Raises:
            Busy: no place is left.
        """
        session = uuid.uuid4().hex
        answer = self._http.post(
            "/queue/join", json={"data": [photo], "fn_index": self._endpoint, "session_hash": session}
        )
        if answer.status_code == 503:
            raise Busy(answer.json()["detail"])
        answer.raise_for_status()
        return session

    def result(self, session: str, joined: float) -> Answer:
        places = []
        with self._http.stream("GET", "/queue/data", params={"session_hash": session}) as events:
            for line in events.iter_lines():
                event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if event.get("msg") == "estimation":
                    places.append(event["rank"])
                if event.get("msg") == "process_completed":
                    assert event["success"], event["output"]
                    done = time.monotonic()
                    files = event["output"]["data"][1:3]
                    masks = [
                        Image.open(BytesIO(self._http.get(f"/file={file['path']}").raise_for_status().content))
                        for file in files
                    ]
                    return Answer([np.asarray(mask) for mask in masks], places, joined, done)
        raise AssertionError("The stream of events ended without a result.")

    def compare(self, path) -> Answer:
        joined = time.monotonic()
        return self.result(self.join(self.upload(path)), joined)


def send(url: str, photos: list, clients: int, requests: int) -> list:
    """Lets clients share out requests, each sending its next photo when it has its answer.

    Args:
        photos: paths; taken in turn.

    Returns:
        ``(path, Answer or exception)`` for each request.
    """
    answers, numbers, lock = [], iter(range(requests)), threading.Lock()

    def visit():
        visitor = Visitor(url)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            path = photos[number % len(photos)]
            try:
                answer = visitor.compare(path)
            except Exception as error:  # counted, not raised: the others go on
                answer = error
            with lock:
                answers.append((path, answer))

    threads = [threading.Thread(target=visit) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def flood(url: str, path, count: int) -> tuple[list, list]:
    """Queues up ``count`` times at once with the same photo.

    Returns:
        The answers of those who found a place, and what the others were told.
    """
    visitor = Visitor(url)
    photo, sessions, refusals = visitor.upload(path), [], []
    for _ in range(count):
        try:
            sessions.append((visitor.join(photo), time.monotonic()))
        except Busy as busy:
            refusals.append(str(busy))
    with ThreadPoolExecutor(count) as pool:  # all at once: each notes when its own answer is there
        return list(pool.map(lambda session: visitor.result(*session), sessions)), refusals
