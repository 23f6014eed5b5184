"""A visitor who speaks HTTP with the app, also in ways that no browser would."""

import http.client
import json
import urllib.parse
import uuid
from typing import NamedTuple

FILE = "/gradio_api/file="
MARK = {"_type": "gradio.FileData"}
"""What Gradio's clients put beside the path of a file."""


class Ended(NamedTuple):
    """How a comparison ended.

    Attributes:
        results: the values of ``/compare``, or None.
        sentence: what was said instead, or None.
        text: all that was answered.
    """

    results: list | None
    sentence: str | None
    text: str


class Visitor:
    def __init__(self, url, timeout=60):
        self.port = urllib.parse.urlsplit(url).port
        self.timeout = timeout

    def connection(self):
        """A connection with the app."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)

    def ask(self, path, body=None, headers=None, method=None):
        """One request, nothing in it corrected; returns the answer, and its content."""
        connection = self.connection()
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, headers or {})
            answer = connection.getresponse()
            try:
                content = answer.read()
            except http.client.IncompleteRead as error:
                content = error.partial
        finally:
            connection.close()
        return answer, content

    def upload(self, *files):
        """Uploads (name, content); returns the answer, and the paths it gives or what it says."""
        boundary = uuid.uuid4().hex
        parts = []
        for name, content in files:
            quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "%0A").replace("\r", "%0D")
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{quoted}"\r\n\r\n'
            parts += [head.encode(), content, b"\r\n"]
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        answer, content = self.ask("/gradio_api/upload", b"".join([*parts, f"--{boundary}--\r\n".encode()]), headers)
        return answer, json.loads(content) if answer.status == 200 else content.decode()

    def compare(self, value) -> Ended:
        """Runs ``/compare`` on a value."""
        answer, content = self.ask(
            "/gradio_api/call/compare", json.dumps({"data": [value]}), {"Content-Type": "application/json"}
        )
        if answer.status != 200:
            return Ended(None, content.decode(), content.decode())
        text = self.ask("/gradio_api/call/compare/" + json.loads(content)["event_id"])[1].decode()
        event, data = [line.partition(": ")[2] for line in text.rstrip().split("\n")[-2:]]
        if event == "complete":
            return Ended(json.loads(data), None, text)
        return Ended(None, json.loads(data)["error"], text)

    def compare_file(self, name, content) -> Ended:
        """Uploads a photo and runs ``/compare`` on it."""
        answer, paths = self.upload((name, content))
        if answer.status != 200:
            return Ended(None, paths, paths)
        return self.compare({"path": paths[0], "meta": MARK})

    def download(self, result) -> bytes:
        """The content of a file among the results."""
        return self.ask(FILE + urllib.parse.quote(result["path"]))[1]
