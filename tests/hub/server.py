"""A Hub on this computer: the part of its HTTP protocol that push, pull and deploy use.

Everything lives in memory. Large files go through large-file storage (LFS) and
come from another host name, as from the real Hub's CDN; **Xet, which the real
Hub prefers, is not spoken here**, so clients run with HF_HUB_DISABLE_XET=1.
`HubServer.inject` makes answers fail at the wire.
"""

import base64
import hashlib
import json
import re
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

TOKENS = {
    "hf_write": {"role": "write"},
    "hf_read": {"role": "read"},
    # Fine-grained: may write to repositories whose names start so, and create none.
    "hf_fine": {"role": "fineGrained", "writes": "me/fine"},
}
_KINDS = {"models": "model", "spaces": "space", "datasets": "dataset"}
_REPO = r"(?P<repo>[\w.-]+/[\w.-]+)"
_API = rf"/api/(?P<kind>models|spaces|datasets)/{_REPO}"


@dataclass
class Repo:
    """A repository; commits map paths to contents and never change."""

    kind: str
    private: bool = False
    gated: bool = False
    commits: dict = field(default_factory=dict)
    branches: dict = field(default_factory=dict)
    messages: list = field(default_factory=list)
    variables: dict = field(default_factory=dict)
    sdk: str | None = None

    def commit(self, branch, files, message):
        """Adds a commit; returns its hash."""
        sha = hashlib.sha1(repr((branch, sorted(files), message, len(self.commits), id(self))).encode()).hexdigest()
        self.commits[sha] = dict(files)
        self.branches[branch] = sha
        self.messages.append(message)
        return sha

    def find(self, revision):
        """The hash of a branch or commit, or None."""
        return self.branches.get(revision) or (revision if revision in self.commits else None)


@dataclass
class Fault:
    """What to do instead of, or with, an answer.

    Attributes:
        method, path: which requests; ``path`` is a regular expression to search.
        kind: ``status``, ``drop`` (close without an answer), ``lost`` (do it,
            then close without an answer), ``cut`` (close amid the body),
            ``short`` (half the body as if it were all), ``corrupt`` (the body's
            bytes inverted), ``stall`` (never answer), ``stall_body`` (stop amid
            the body), ``endless`` (go on and on), ``metadata`` (change JSON).
        times: how often; the default is always.
    """

    method: str
    path: str
    kind: str
    status: int = 500
    headers: dict = field(default_factory=dict)
    body: bytes = b'{"error": "injected"}'
    change: object = None
    times: int = 10**9


class HubServer:
    """Starts at once, on a free port of 127.0.0.1; ``close`` stops it."""

    def __init__(self):
        self.repos = {}
        self.large_files = {}
        self.requests = []
        self.faults = []
        self.stopped = threading.Event()
        self.lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self):
        """Forgets repositories, faults and requests; connections that stall end."""
        self.stopped.set()
        self.stopped = threading.Event()
        with self.lock:
            self.repos, self.large_files, self.requests, self.faults = {}, {}, [], []

    def inject(self, method, path, kind, **settings):
        """Adds a `Fault`; the first that fits a request is used."""
        self.faults.append(Fault(method, path, kind, **settings))

    def add(self, repo_id, files=None, kind="model", **settings):
        """Creates a repository, with ``files`` in a second commit; returns it."""
        repo = self.repos[kind, repo_id] = Repo(kind, **settings)
        repo.commit("main", {".gitattributes": b"*.safetensors filter=lfs\n"}, "initial commit")
        if files:
            self.commit(repo_id, files, kind)
        return repo

    def commit(self, repo_id, files, kind="model"):
        """Commits files on main as if somebody pushed them; returns the hash."""
        repo = self.repos[kind, repo_id]
        return repo.commit("main", repo.commits[repo.branches["main"]] | files, "by hand")

    def files(self, repo_id, kind="model", revision="main"):
        """Contents by path."""
        repo = self.repos[kind, repo_id]
        return repo.commits[repo.find(revision)]

    def counted(self, method, path):
        """How many requests there were."""
        return sum(1 for m, p, _ in self.requests if m == method and re.search(path, p))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each body waits 40 ms for the receipt of its headers
    hub = None

    def log_message(self, *_):
        pass

    def _serve(self):
        split = urlsplit(self.path)
        self.query = parse_qs(split.query)
        path = unquote(split.path)
        length = int(self.headers.get("Content-Length") or 0)
        self.fault = None
        with self.hub.lock:
            stopped = self.hub.stopped
            self.hub.requests.append((self.command, self.path, self.headers.get("Authorization")))
            for fault in self.hub.faults:
                if fault.times > 0 and fault.method == self.command and re.search(fault.path, self.path):
                    fault.times -= 1
                    self.fault = fault
                    break
        kind = self.fault.kind if self.fault else None
        if kind == "drop":
            return self._hang_up()
        if kind == "stall":
            stopped.wait(60)
            return self._hang_up()
        body = self._read_body(length)
        if kind == "status":
            return self._answer(self.fault.status, self.fault.body, self.fault.headers)
        for method, pattern, action in _ROUTES:
            match = re.fullmatch(pattern, path) if self.command in method else None
            if match:
                with self.hub.lock:
                    answer = action(self, body, **match.groupdict())
                break
        else:
            answer = 404, {"error": "Not Found"}, {}
        if kind == "lost":
            return self._hang_up()
        return self._answer(*answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve

    def _read_body(self, length):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(length)
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _hang_up(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status, body, headers=None):
        kind = self.fault.kind if self.fault else None
        headers = dict(headers or {})
        if kind == "metadata":
            body = self.fault.change(body)
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if kind == "short":
            body = body[: len(body) // 2]
        elif kind == "corrupt":
            body = bytes(255 - byte for byte in body)
        if status not in (204, 304):
            headers.setdefault("Content-Length", str(len(body)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return None
        if kind in ("cut", "stall_body"):
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if kind == "stall_body":
                self.hub.stopped.wait(60)
            return self._hang_up()
        self.wfile.write(body)

    # Who asks, and for what.

    def _token(self):
        return TOKENS.get((self.headers.get("Authorization") or "").removeprefix("Bearer "))

    def _may_write(self, repo_id):
        token = self._token()
        if token is None:
            return False
        return token["role"] == "write" or repo_id.startswith(token.get("writes", "?"))

    def _found(self, kind, repo_id, revision=None):
        """The repository, or the answer of the Hub to whom does not see it."""
        repo = self.hub.repos.get((kind, repo_id))
        if self.headers.get("Authorization") and self._token() is None:
            return None, (
                401,
                {"error": "Invalid credentials in Authorization header"},
                {"X-Error-Message": "Invalid credentials in Authorization header"},
            )
        if repo is None or repo.private and self._token() is None:
            status = 401 if self._token() is None else 404
            headers = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}
            return None, (status, {"error": "Repository not found"}, headers)
        if revision is not None and repo.find(revision) is None:
            return None, (404, {"error": f"Invalid rev id: {revision}"}, {"X-Error-Code": "RevisionNotFound"})
        return repo, None

    # Endpoints.

    def whoami(self, _):
        token = self._token()
        if token is None:
            return 401, {"error": "Invalid username or password."}, {}
        return 200, {"type": "user", "name": "me", "orgs": [], "auth": {"accessToken": {"role": token["role"]}}}, {}

    def create(self, body):
        wanted = json.loads(body)
        name = f"{wanted.get('organization') or 'me'}/{wanted['name']}"
        kind = wanted.get("type") or "model"
        token = self._token()
        url = {"url": f"{self.hub.url}/{'' if kind == 'model' else kind + 's/'}{name}"}
        if token is None:
            return 401, {"error": "Invalid username or password."}, {}
        if token["role"] != "write" or not name.startswith("me/"):
            return 403, {"error": "You don't have the rights to create a repo under this namespace"}, {}
        if (kind, name) in self.hub.repos:
            return 409, url | {"error": "You already created this repo"}, {}
        repo = self.hub.add(name, kind=kind, private=wanted.get("visibility") == "private", sdk=wanted.get("sdk"))
        repo.variables = {variable["key"]: variable for variable in wanted.get("variables") or ()}
        return 200, url, {}

    def validate_yaml(self, body):
        content = json.loads(body)["content"]
        match = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
        try:
            problem = None if match and isinstance(yaml.safe_load(match[1]), dict) else "no metadata"
        except yaml.YAMLError as error:
            problem = str(error)
        if problem:
            return 400, {"errors": [{"message": problem}], "warnings": []}, {}
        return 200, {"errors": [], "warnings": []}, {}

    def auth_check(self, _, kind, repo, write):
        found, refusal = self._found(_KINDS[kind], repo)
        if refusal is None and write and not self._may_write(repo):
            return 403, {"error": "Forbidden: you must have write access"}, {"X-Error-Message": "Forbidden"}
        return refusal or (200, {}, {})

    def info(self, _, kind, repo, revision=None):
        found, refusal = self._found(_KINDS[kind], repo, revision or "main")
        if refusal:
            return refusal
        sha = found.find(revision or "main")
        siblings = []
        for path, content in found.commits[sha].items():
            sibling = {"rfilename": path}
            if "blobs" in self.query:
                sibling |= {"size": len(content), "blobId": _blob_id(content)}
                if _is_large(path):
                    sibling["lfs"] = {"sha256": _sha256(content), "size": len(content), "pointerSize": 130}
            siblings.append(sibling)
        answer = {
            "id": repo,
            "_id": "0",
            "modelId": repo,
            "sha": sha,
            "private": found.private,
            "gated": found.gated,
            "siblings": siblings,
            "tags": [],
        }
        if found.sdk:
            answer["sdk"] = found.sdk
        return 200, answer, {}

    def tree(self, _, kind, repo, revision):
        found, refusal = self._found(_KINDS[kind], repo, revision)
        if refusal:
            return refusal
        entries = []
        for path, content in found.commits[found.find(revision)].items():
            entry = {"type": "file", "path": path, "size": len(content), "oid": _blob_id(content)}
            if _is_large(path):
                entry["lfs"] = {"oid": _sha256(content), "size": len(content), "pointerSize": 130}
            entries.append(entry)
        return 200, entries, {}

    def preupload(self, body, kind, repo, revision):
        found, refusal = self._found(_KINDS[kind], repo, revision)
        if refusal or not self._may_write(repo):
            return refusal or (403, {"error": "Forbidden"}, {})
        there = found.commits[found.find(revision)]
        files = []
        for file in json.loads(body)["files"]:
            path = file["path"]
            answer = {"path": path, "uploadMode": "lfs" if _is_large(path) else "regular", "shouldIgnore": False}
            if path in there:
                answer["oid"] = _sha256(there[path]) if _is_large(path) else _blob_id(there[path])
            files.append(answer)
        return 200, {"files": files}, {}

    def lfs_batch(self, body, repo, prefix):
        if not self._may_write(repo):
            return 403, {"error": "Forbidden"}, {}
        objects = []
        for wanted in json.loads(body)["objects"]:
            answer = {"oid": wanted["oid"], "size": wanted["size"]}
            if wanted["oid"] not in self.hub.large_files:
                answer["actions"] = {
                    "upload": {"href": f"{self.hub.url}/storage/{wanted['oid']}", "header": {}},
                    "verify": {"href": f"{self.hub.url}/verify/{repo}", "header": {}},
                }
            objects.append(answer)
        return 200, {"transfer": "basic", "objects": objects}, {"Content-Type": "application/vnd.git-lfs+json"}

    def store(self, body, oid):
        if _sha256(body) != oid:
            return 400, {"error": "The content does not have this hash"}, {}
        self.hub.large_files[oid] = body
        return 200, b"", {}

    def verify(self, body, repo):
        wanted = json.loads(body)
        there = self.hub.large_files.get(wanted["oid"])
        return (
            (200, {}, {})
            if there is not None and len(there) == wanted["size"]
            else (404, {"error": "No such object"}, {})
        )

    def commit(self, body, kind, repo, revision):
        found, refusal = self._found(_KINDS[kind], repo)
        if refusal or not self._may_write(repo):
            return refusal or (403, {"error": "Forbidden"}, {})
        if revision not in found.branches:
            return 404, {"error": f"Invalid rev id: {revision}"}, {"X-Error-Code": "RevisionNotFound"}
        files = dict(found.commits[found.branches[revision]])
        message = ""
        for line in body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "header":
                message = value["summary"]
            elif item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                if value["oid"] not in self.hub.large_files:
                    return 400, {"error": f"LFS object {value['oid']} was not uploaded"}, {}
                files[value["path"]] = self.hub.large_files[value["oid"]]
            elif item["key"] == "deletedFile" and files.pop(value["path"], None) is None:
                return 404, {"error": "A file with this name doesn't exist"}, {"X-Error-Code": "EntryNotFound"}
        sha = found.commit(revision, files, message)
        return 200, {"commitUrl": f"{self.hub.url}/{repo}/commit/{sha}", "commitOid": sha}, {}

    def branch(self, _, kind, repo, branch):
        found, refusal = self._found(_KINDS[kind], repo)
        if refusal or not self._may_write(repo):
            return refusal or (403, {"error": "Forbidden"}, {})
        if branch.startswith("refs/"):
            return 400, {"error": "Invalid branch name"}, {}
        if branch in found.branches:
            return 409, {"error": "Reference already exists"}, {}
        found.branches[branch] = found.branches["main"]
        return 200, {}, {}

    def variables(self, body, kind, repo):
        found, refusal = self._found(_KINDS[kind], repo)
        if refusal or not self._may_write(repo):
            return refusal or (403, {"error": "Forbidden"}, {})
        variable = json.loads(body)
        found.variables[variable["key"]] = variable
        return 200, {key: {"key": key, "value": v["value"]} for key, v in found.variables.items()}, {}

    def resolve(self, _, prefix, repo, revision, path):
        found, refusal = self._found("space" if prefix else "model", repo, revision)
        if refusal:
            return refusal
        if found.gated and self._token() is None:
            return 401, {"error": "Access is restricted"}, {"X-Error-Code": "GatedRepo"}
        sha = found.find(revision)
        content = found.commits[sha].get(path)
        headers = {"X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
        if content is None:
            return 404, {"error": "Entry not found"}, headers | {"X-Error-Code": "EntryNotFound"}
        if _is_large(path):
            oid = _sha256(content)
            self.hub.large_files[oid] = content
            location = f"http://localhost:{self.hub.port}/storage/{oid}"
            return (
                302,
                b"",
                headers | {"Location": location, "X-Linked-Etag": f'"{oid}"', "X-Linked-Size": str(len(content))},
            )
        return self._content(content, headers | {"ETag": f'"{_blob_id(content)}"'})

    def fetch(self, _, oid):
        if self.headers.get("Authorization"):
            return 400, {"error": "A token was sent to the storage host"}, {}
        content = self.hub.large_files.get(oid)
        return (404, {"error": "gone"}, {}) if content is None else self._content(content, {"ETag": f'"{oid}"'})

    def _content(self, content, headers):
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if asked:
            start = int(asked[1])
            return 206, content[start:], headers | {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        return 200, content, headers


_ROUTES = [
    ("GET", "/api/whoami-v2", _Handler.whoami),
    ("POST", "/api/repos/create", _Handler.create),
    ("POST", "/api/validate-yaml", _Handler.validate_yaml),
    ("GET", rf"{_API}/auth-check(?P<write>/write)?", _Handler.auth_check),
    ("GET", rf"{_API}", _Handler.info),
    ("GET", rf"{_API}/revision/(?P<revision>.+)", _Handler.info),
    ("GET", rf"{_API}/tree/(?P<revision>[^/]+)", _Handler.tree),
    ("POST", rf"{_API}/preupload/(?P<revision>.+)", _Handler.preupload),
    ("POST", rf"/(?P<prefix>spaces/)?{_REPO}\.git/info/lfs/objects/batch", _Handler.lfs_batch),
    ("PUT", r"/storage/(?P<oid>[0-9a-f]{64})", _Handler.store),
    ("GET", r"/storage/(?P<oid>[0-9a-f]{64})", _Handler.fetch),
    ("POST", rf"/verify/{_REPO}", _Handler.verify),
    ("POST", rf"{_API}/commit/(?P<revision>.+)", _Handler.commit),
    ("POST", rf"{_API}/branch/(?P<branch>.+)", _Handler.branch),
    ("POST", rf"{_API}/variables", _Handler.variables),
    (("GET", "HEAD"), rf"/(?P<prefix>spaces/)?{_REPO}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", _Handler.resolve),
]


def _is_large(path):
    return path.endswith((".safetensors", ".png", ".jpg"))


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _blob_id(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
