"""What a stranger can do to the running app through HTTP: nothing but what the page offers."""

import asyncio
import base64
import functools
import json
import re
import socket
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest

from repository import EXAMPLES, ROOT, TOKEN, run_async
from visitor import FILE, MARK, Visitor

PHOTO = EXAMPLES / "boxer_26.jpg"


@pytest.fixture(scope="module")
def uploads(app):
    """The folder that the app keeps uploads in."""
    (folder,) = (app[1].parent / "uploads").glob("pets-*/uploads")
    return folder


class Snoop(Visitor):
    """No answer to it may hold a path of the server, a traceback or the token."""

    def ask(self, path, *args, **kwargs):
        answer, content = super().ask(path, *args, **kwargs)
        # A refusal repeats what was asked for, decoded once.
        asked = re.sub("^.*?/file[=/]", "", urllib.parse.unquote(path))
        assert_tells_nothing(content.decode("utf-8", "replace").replace(f"File not allowed: {asked}.", ""))
        return answer, content


@pytest.fixture(scope="module")
def visitor(app):
    return Snoop(app[0], timeout=30)


@pytest.fixture(scope="module")
def ask(visitor):
    return visitor.ask


@pytest.fixture(scope="module")
def upload(visitor):
    return visitor.upload


@pytest.fixture(scope="module")
def compare(visitor):
    """Runs /compare on a value; returns all that is answered."""
    return lambda value: visitor.compare(value).text


def assert_tells_nothing(text):
    for secret in (TOKEN, "Traceback", str(ROOT), sys.prefix, "site-packages", str(Path.home() / ".")[:-1] + "/.cache"):
        assert secret not in text, text[:2000]


def encoded(path):
    return "".join(f"%{byte:02x}" for byte in str(path).encode())


OUTSIDE = {
    "password file": "/etc/passwd",
    "environment": "/proc/self/environ",
    "weights": f"{ROOT}/weights/unet/config.json",
    "program": f"{ROOT}/app.py",
    "own code": f"{ROOT}/seg/images/photos.py",
    "example": str(PHOTO),
    "through the process": f"/proc/self/cwd/{PHOTO.relative_to(ROOT)}",
    "relative": "weights/unet/config.json",
    "relative, up": "../../../../../../../../etc/passwd",
    "home": "~/.cache/huggingface/token",
    "git": ".git/config",
    "address": "file:///etc/passwd",
    "null": "/etc/passwd\0.jpg",
    "folder": "/",
}


@pytest.mark.parametrize("path", OUTSIDE.values(), ids=OUTSIDE)
@pytest.mark.parametrize(
    "encode", [urllib.parse.quote, encoded, lambda path: encoded(encoded(path))], ids=["plain", "encoded", "twice"]
)
def test_no_file_outside_the_uploads_is_served(ask, path, encode):
    for route in (FILE, "/gradio_api/file/"):
        answer, content = ask(route + encode(path))
        assert answer.status in (403, 404) and len(content) < 300


def test_no_file_is_served_by_way_of_the_uploads(ask, uploads, tmp_path, upload):
    (path,) = upload(("photo.jpg", PHOTO.read_bytes()))[1]
    assert ask(FILE + urllib.parse.quote(path))[0].status == 200
    secret = tmp_path / "token"
    secret.write_text("secret")
    (uploads / "link.jpg").symlink_to(secret)
    (uploads / "folder").symlink_to(tmp_path)
    for way in ("link.jpg", "folder/token", "../log.txt", f"../{'../' * 20}etc/passwd", ".", "folder"):
        for encode in (urllib.parse.quote, encoded):
            answer, content = ask(FILE + encode(f"{uploads}/{way}"))
            assert answer.status == 403 and b"secret" not in content


def test_a_token_file_is_not_served(app, ask, tmp_path):
    """Where the Hub's client keeps it."""
    from huggingface_hub import constants

    assert ask(FILE + urllib.parse.quote(constants.HF_TOKEN_PATH))[0].status == 403


@pytest.mark.parametrize(
    "mark", [{}, {"meta": MARK}, {"meta": {}}, {"meta": []}, {"meta": MARK, "is_stream": True}], ids=str
)
@pytest.mark.parametrize("path", [*OUTSIDE.values(), ".", "no-such-file.jpg"], ids=[*OUTSIDE, "here", "missing"])
def test_no_file_outside_the_uploads_is_an_input(compare, path, mark):
    """Gradio itself checks files that carry its mark; a photo anywhere on the server was readable without."""
    assert "not uploaded here" in compare({"path": path} | mark)


def test_an_uploaded_link_out_of_the_folder_is_no_input(compare, uploads, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(PHOTO.read_bytes())
    (uploads / "out.jpg").symlink_to(tmp_path / "photo.jpg")
    assert "not uploaded here" in compare({"path": str(uploads / "out.jpg"), "meta": MARK})


def test_an_upload_is_an_input_by_path_and_by_address(app, ask, compare, upload):
    (path,) = upload(("photo.jpg", PHOTO.read_bytes()))[1]
    for value in (
        {"path": path},
        {"path": path, "meta": MARK},
        {"path": f"{app[0]}{FILE}{path}", "meta": MARK},
        {"url": f"{app[0]}{FILE}{urllib.parse.quote(path)}"},
    ):
        assert "event: complete" in compare(value)


@pytest.fixture
def listener():
    """Ports that nothing may connect to: an IPv4 and, where there is one, an IPv6 loopback; lists who came."""
    visits, sockets = [], []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            server = socket.create_server((host, sockets[0].getsockname()[1] if sockets else 0), family=family)
        except OSError:
            continue
        sockets.append(server)

        def wait(server=server):
            while True:
                try:
                    visitor, address = server.accept()
                except OSError:
                    return
                visits.append(address)
                visitor.close()

        threading.Thread(target=wait, daemon=True).start()
    yield sockets[0].getsockname()[1], visits
    for server in sockets:
        server.close()


LOOPBACKS = (
    "127.0.0.1", "localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "user:pass@127.0.0.1", "ip6-localhost", "127.0.0.1.", "①②⑦.⓪.⓪.①",
)  # fmt: skip


def test_nothing_is_fetched_for_a_visitor(ask, compare, listener):
    port, visits = listener
    socket.create_connection(("127.0.0.1", port)).close()
    while not visits:
        time.sleep(0.01)
    visits.clear()  # it does notice
    for host in LOOPBACKS:
        for scheme in ("http", "HTTPS"):
            url = f"{scheme}://{host}:{port}/photo.jpg"
            for value in (
                {"path": url, "meta": MARK},
                {"path": url},
                {"url": url},
                {"path": "", "url": url},
                {"path": url, "meta": MARK, "is_stream": True},
            ):
                answer = compare(value)
                assert "Links are not opened here" in answer or "not uploaded here" in answer, value
            quoted = urllib.parse.quote(url, safe=":/[]@")
            for route in (
                FILE,
                "/gradio_api/file/",
                "/gradio_api/proxy=",
                FILE + "%20",
                FILE + "//",
                "//gradio_api//file=",
                "/gradio_api/proxy=http://x.hf.space@",
            ):
                for method in ("GET", "HEAD"):
                    assert ask(route + quoted, method=method)[0].status in (403, 404)
    assert not visits


def test_public_addresses_are_not_fetched_either(ask, compare):
    assert "Links are not opened here" in compare({"path": "https://example.invalid/photo.jpg", "meta": MARK})
    assert ask(FILE + "https://example.invalid/photo.jpg")[0].status == 404


# What Gradio serves and this page does not need; a new route is to be judged.
CLOSED = {
    "GET /openapi.json", "HEAD /openapi.json", "POST /login", "GET /logout", "GET /monitoring", "GET /monitoring/summary", "GET /monitoring/{key}",
    *(f"{method} /gradio_api/{path}" for method, path in (
        ("GET", "deep_link"), ("GET", "user"), ("GET", "login_check"), ("GET", "token"), ("GET", "dev/reload"), ("GET", "runs"),
        ("GET", "custom_component/{id}/{environment}/{type}/{file_name}"), ("GET", "proxy={url_path:path}"), ("HEAD", "proxy={url_path:path}"),
        ("GET", "file/{path:path}"), ("POST", "stream/{event_id}"), ("POST", "stream/{event_id}/close"), ("GET", "queue/status"),
        ("GET", "stream/{session_hash}/{run}/{component_id}/playlist.m3u8"), ("GET", "stream/{session_hash}/{run}/{component_id}/playlist-file"),
        ("GET", "stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}"), ("POST", "component_server"), ("POST", "process_recording"),
        ("POST", "vibe-edit"), ("POST", "undo-vibe-edit"), ("GET", "vibe-code"), ("POST", "vibe-code"), ("POST", "vibe-starter-queries"),
        ("GET", "mcp/sse"), ("HEAD", "mcp/sse"), ("ANY", "mcp/messages"),
    )),
}  # fmt: skip

PREFIXES = ("", "/pets", "/tools/pets")


class Asgi:
    """An ASGI app without a server, so that paths reach it as they are."""

    def __init__(self, app):
        self.app = app

    def ask(self, method, path, headers=(), body=b"", kind="http", root_path=""):
        """Status and content of the answer."""
        scope = {
            "type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "root_path": root_path,
            "path": path, "raw_path": path.encode(), "query_string": b"session_hash=x", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9),
            "headers": [(b"host", b"localhost"), *headers], "state": {}, "subprotocols": [],
        }  # fmt: skip
        sent, bodies = [], [body]

        async def receive():
            if bodies:
                return {"type": "http.request", "body": bodies.pop(), "more_body": False}
            return await asyncio.get_running_loop().create_future()  # whoever asked stays

        async def send(message):
            sent.append(message)

        run_async(asyncio.wait_for(self.app(scope, receive, send), 20))
        if kind == "websocket":
            return sent[0]["type"], b""
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture(scope="module")
def served():
    """The app as `launch` makes it, under a prefix, alone or mounted into another one."""
    import fastapi
    import gradio as gr
    from gradio.routes import App
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.routing import Mount

    from seg.ui.server.gradio_internals import GuardedBlocks
    from seg.ui.server.request_limits import RequestLimits

    def make(prefix, way):
        with GuardedBlocks(analytics_enabled=False, delete_cache=(9, 9)) as page:
            gr.Textbox()
        page.run_history, page.max_file_size = False, None
        settings = {"app_kwargs": {"middleware": [Middleware(RequestLimits)]}, "mcp_server": True}
        if way == "gradio's mount":
            return gr.mount_gradio_app(fastapi.FastAPI(), page, prefix, run_history=False, **settings)
        page.root_path = prefix if way == "prefix" else ""
        app = App.create_app(page, **settings)
        for part in reversed(prefix.split("/")[1:]) if way == "nested mounts" else ():
            app = Starlette(routes=[Mount(f"/{part}", app=app)])
        return app

    return functools.cache(make)


WAYS = [
    ("", "prefix"),
    *((prefix, way) for prefix in PREFIXES[1:] for way in ("prefix", "gradio's mount", "nested mounts")),
]


def registered(app):
    """Method and path of every route, those of mounted apps too."""
    from fastapi.routing import iter_route_contexts

    for route in iter_route_contexts(app.routes):
        inner = getattr(route.original_route, "routes", None)
        for path, methods in [(f"{route.path}{r.path}", getattr(r, "methods", None)) for r in inner or ()] or [
            (route.path, route.methods)
        ]:
            yield from (f"{method} {path.rstrip('/') or '/'}" for method in methods or ["ANY"])


def test_every_route_is_open_or_refused(served):
    """What the next version of Gradio adds is closed, and this test asks whether that is right."""
    from seg.ui.server.request_limits import HEALTH, OPEN

    routes = set(registered(served("", "prefix")))
    listed = {f"{method} {path}" for path, methods in OPEN.items() for method in methods.split()}
    here = {route for route in routes if route not in listed}
    assert here - {"ANY /gradio_api/mcp"} == CLOSED
    answered_before = {f"{method} {HEALTH}" for method in ("GET", "HEAD")}
    there = {route for route in listed if "/mcp" not in route} - answered_before
    assert there <= routes, "the list has what nobody serves"


def samples(template):
    """Paths of a route, written as they should be and in other ways."""
    path = re.sub("{[a-z_]+(:path)?}", "a", template)
    return {path, f"{path}/", f"{path}//", path.replace("/gradio_api", "//gradio_api"), path.replace("/", "//")}


@pytest.mark.parametrize("prefix, way", WAYS)
def test_what_the_page_does_not_offer_is_not_there(served, prefix, way):
    asgi = Asgi(served(prefix, way))
    stripped = [""] if way == "prefix" else []  # a proxy may take the prefix off
    for route in sorted(CLOSED):
        method, _, template = route.partition(" ")
        for path in samples(template):
            for start in {prefix, *stripped}:
                for written in (start + path, start + path.upper(), start + path + ".", start + path + ";a=b"):
                    status, said = asgi.ask("GET" if method == "ANY" else method, written)
                    assert status == 404 and len(said) < 100, written


@pytest.mark.parametrize("prefix, way", WAYS)
def test_no_address_is_fetched_under_a_prefix(served, prefix, way, listener):
    asgi = Asgi(served(prefix, way))
    address = f"http://127.0.0.1:{listener[0]}/photo.jpg"
    for start in (
        "/gradio_api/file=",
        "/gradio_api/file=/",
        "/gradio_api/file= ",
        "/gradio_api/proxy=",
        "//gradio_api/file=",
    ):
        for url in (address, address.replace("http", "HTTP"), address.replace("http", "https")):
            for method in ("GET", "HEAD"):
                assert asgi.ask(method, f"{prefix}{start}{url}")[0] == 404
    assert not listener[1]


@pytest.mark.parametrize("prefix, way", WAYS)
def test_what_the_page_offers_is_there_under_a_prefix(served, prefix, way):
    asgi = Asgi(served(prefix, way))
    for path in ("/config", "/favicon.ico", "/static/img/logo.svg", "/gradio_api/info", "/gradio_api/app_id"):
        assert asgi.ask("GET", prefix + path)[0] == 200, path
    assert asgi.ask("GET", f"{prefix}/gradio_api/mcp")[0] == 307  # to the same with a slash
    if way == "prefix":
        assert asgi.ask("GET", "/config")[0] == 200, "behind a proxy that takes the prefix off"
        assert prefix == "" or asgi.ask("GET", f"{prefix}{prefix}/config")[0] == 404


@pytest.mark.parametrize("prefix, way", WAYS)
def test_uploads_alone_may_be_large_under_a_prefix(served, prefix, way):
    asgi = Asgi(served(prefix, way))
    large = [(b"content-length", str(20 << 20).encode()), (b"content-type", b"multipart/form-data; boundary=x")]
    for path in ("/gradio_api/call/compare", "/gradio_api/queue/join", "/gradio_api/mcp/"):
        status, said = asgi.ask("POST", prefix + path, large)
        assert status == 413 and b"16 MB" in said
    assert asgi.ask("POST", f"{prefix}/gradio_api/upload", large)[0] != 413
    status, said = asgi.ask("POST", f"{prefix}/gradio_api/upload", [(b"content-length", str(257 << 20).encode())])
    assert status == 413 and b"256 MB" in said


def test_what_a_proxy_says_of_the_path_opens_nothing(served):
    asgi = Asgi(served("", "prefix"))
    for name in (b"x-forwarded-prefix", b"x-forwarded-path", b"x-original-url", b"x-rewrite-url", b"x-script-name"):
        for value in (b"/gradio_api/upload", b"/", b"/gradio_api"):
            assert asgi.ask("GET", "/gradio_api/dev/reload", [(name, value)])[0] == 404
            assert asgi.ask("GET", "/dev/reload", [(name, value)])[0] == 404


def test_there_are_no_websockets(served):
    for path in ("/", "/gradio_api/queue/join", "/gradio_api/stream/x"):
        assert Asgi(served("", "prefix")).ask("GET", path, kind="websocket")[0] == "websocket.close"


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/DEV/reload", "//gradio_api/dev/reload", "/gradio_api/%64ev/reload", "/gradio_api%2fdev/reload"],
)
def test_encoded_and_odd_paths_are_refused_by_the_server_too(ask, path):
    assert ask(path)[0].status == 404


DEEP = b'{"data": ' + b"[" * 900 + b"]" * 900 + b"}"
BODIES = (
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"data": null}', b'{"data": {}}', b'{"data": []}', b'{"data": [1, 2, 3]}', b'{"data": ["x"]}', b'{"data": [[]]}',
    b'{"data": [{"path": 5}]}', b'{"data": [{"path": null, "url": 3}]}', b'{"data": [{"path": "x", "size": "y", "meta": {"_type": "gradio.FileData"}}]}',
    b'{"data": [{"url": "data:image/png;base64,%%%"}]}', b'{"data": [{"url": "data:,"}]}', b'{"data": [NaN]}', b'{"data": [true], "fn_index": 99999}',
    b'{"data": [null], "fn_index": -1}', b'{"data": [null], "fn_index": "x"}', b'{"data": [null], "fn_index": 1e400}', b'{"data": [null], "session_hash": {}}',
    b'{"data": [null], "fn_index": 0, "session_hash": "../../x"}', b'{"data": [null], "batched": true, "fn_index": 0, "session_hash": "s"}',
    b'{"data": [null], "event_data": {"path": "/etc/passwd"}, "fn_index": 0, "session_hash": "s"}', b'{"data": [null], "trigger_id": "x", "fn_index": 0, "session_hash": "s"}',
    b'{"component_id": 99999, "session_hash": "s", "fn_name": "__class__", "data": null}', DEEP, b"[" * 200_000,
)  # fmt: skip


@pytest.mark.parametrize(
    "route",
    [
        "run/compare",
        "api/compare",
        "call/compare",
        "call/v2/compare",
        "queue/join",
        "run/none",
        "call/none",
        "call/v2/none",
        "cancel",
        "reset",
        "upload",
        "stream/x",
    ],
)
def test_malformed_requests_are_answered(ask, route):
    for body in BODIES:
        for kind in ("application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"):
            answer, content = ask(f"/gradio_api/{route}", body, {"Content-Type": kind})
            assert answer.status < 501 and len(content) < 3000 + 2 * len(body)


def test_every_event_refuses_nonsense_in_a_sentence(ask):
    """By number, so that events without a name are tried too."""
    events = [event["id"] for event in json.loads(ask("/config")[1])["dependencies"]]
    for number in events:
        for data in (
            [],
            ["x"],
            [{"path": "/etc/passwd"}],
            [{"path": "http://127.0.0.1:1/", "meta": MARK}],
            [[[]]],
            [None] * 9,
        ):
            session = uuid.uuid4().hex
            body = json.dumps({"data": data, "fn_index": number, "session_hash": session})
            assert ask("/gradio_api/queue/join", body, {"Content-Type": "application/json"})[0].status == 200
            said = ask(f"/gradio_api/queue/data?session_hash={session}")[1].decode()
            assert "process_completed" in said and '"error":null' not in said.replace(" ", "")


@pytest.mark.parametrize(
    "call",
    [
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":5,"x":"not for the log"}}',
        b'{"jsonrpc":"2.0","id":1,"method":"no/such","params":{"x":"not for the log"}}',
        b"not for the log",
    ],
)
def test_malformed_calls_of_tools_leave_nothing_in_the_log(app, ask, call):
    before = len(app[1].read_text())
    answer, _ = ask(
        "/gradio_api/mcp/", call, {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    )
    assert answer.status < 501
    logged = app[1].read_text()[before:]
    assert_tells_nothing(logged)
    assert "not for the log" not in logged


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The endpoint in this process: asks it, and how many characters its sessions keep of that."""
    from seg.ui.page import LAUNCH
    from seg.ui.server import compare_api
    from seg.ui.server.gradio_internals import GuardedBlocks

    def ask(value, session):
        body = json.dumps({"data": [value], "session_hash": session}).encode()
        request = urllib.request.Request(f"{url}gradio_api/run/compare", body, {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request).close()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def size():
        return sum(len(name) + len(repr(state.config_values)) for name, state in page.state_holder.session_data.items())

    with pytest.MonkeyPatch.context() as patch, GuardedBlocks() as page:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("kept")))
        compare_api.register(SimpleNamespace(networks=SimpleNamespace(skips={}), bundled_folder=None))
        _, url, _ = page.launch(
            prevent_thread_lock=True,
            quiet=True,
            server_name="127.0.0.1",
            state_session_capacity=LAUNCH["state_session_capacity"],
        )
        yield SimpleNamespace(ask=ask, size=size, states=page.state_holder)
        page.close()


def test_no_session_keeps_a_photo(kept):
    photo = "data:image/jpeg;base64," + base64.b64encode(PHOTO.read_bytes() + bytes(5 << 20)).decode()
    for number in range(3):
        kept.ask({"url": photo}, f"visitor{number}")
    assert len(kept.states.session_data) >= 3 and kept.size() < 1 << 20


def test_no_session_keeps_long_names_and_texts(kept):
    kept.ask(None, "x" * (5 << 20))
    assert "longer than anything that the page sends" in kept.ask("x" * (5 << 20), "visitor")
    assert kept.size() < 1 << 20


def test_sessions_are_limited(kept):
    for number in range(kept.states.capacity + 20):
        kept.states[str(number)]
    assert len(kept.states.session_data) <= kept.states.capacity == 500


@pytest.mark.parametrize(
    "header", ["bytes=1-2-3", "bytes=9999999999-", "bytes=-", "bytes=5-1", "lines=1-2", "bytes=" + "1" * 5000 + "-2"]
)
def test_odd_ranges(ask, header, upload):
    (path,) = upload(("photo.jpg", PHOTO.read_bytes()))[1]
    answer, content = ask(FILE + path, headers={"Range": header})
    assert answer.status in (200, 206, 400, 416, 500) and b"Traceback" not in content


def test_uploads_have_a_size(ask, upload):
    answer, said = upload(("large.png", bytes((64 << 20) + 1)))
    assert answer.status == 413 and "File size exceeded" in said
    answer, said = ask(
        "/gradio_api/upload", b"", {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(257 << 20)}
    )
    assert answer.status == 413 and b"256 MB" in said


def test_uploads_hold_files_alone(ask):
    def send(*fields):
        parts = [b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\n' + field + b"\r\n" for field in fields]
        return ask(
            "/gradio_api/upload", b"".join(parts) + b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}
        )

    for fields in ([bytes(65 << 10)], [bytes(7 << 10)] * 10, [bytes(3 << 20)]):
        answer, said = send(*fields)
        assert answer.status == 413 and b"64 kB" in said
    assert b"64 kB" not in send(bytes(63 << 10))[1]


def test_requests_have_a_size(ask):
    large = json.dumps({"data": ["x" * (17 << 20)]}).encode()
    json_type = {"Content-Type": "application/json"}
    answer, said = ask("/gradio_api/call/compare", large, json_type)
    assert answer.status == 413 and b"16 MB" in said
    chunked = (large[i : i + (1 << 20)] for i in range(0, len(large), 1 << 20))
    try:
        answer, said = ask("/gradio_api/call/compare", chunked, json_type | {"Transfer-Encoding": "chunked"})
    except (ConnectionResetError, BrokenPipeError):  # hung up on while still sending
        return
    assert answer.status == 413 and b"16 MB" in said


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "script.js", "photo.jpg.html", "note.txt", "book.pdf"])
def test_an_upload_is_never_a_page(ask, name, upload):
    """A stranger's HTML or SVG must not run in this page's name."""
    (path,) = upload((name, b"<html><script>alert(1)</script></html>"))[1]
    answer, _ = ask(FILE + urllib.parse.quote(path))
    shown_as = answer.headers["Content-Type"].partition(";")[0]
    assert (
        shown_as == "text/plain"
        or answer.headers["Content-Disposition"].startswith("attachment")
        and shown_as == "application/octet-stream"
    )


def test_names_of_uploads_lead_nowhere(ask, uploads, upload):
    before = {path for path in uploads.parent.rglob("*") if uploads not in path.parents}
    for name in (
        "../up.jpg",
        "..",
        "/etc/cron.d/x",
        "a/../../b.jpg",
        "%2e%2e%2fup.jpg",
        "..\\up.jpg",
        "x" * 3000,
        "",
        ".",
        ".hidden",
        "-rf",
    ):
        answer, paths = upload((name, b"x"))
        if answer.status == 200:
            assert all(Path(path).resolve().is_relative_to(uploads) for path in paths)
    assert {path for path in uploads.parent.rglob("*") if uploads not in path.parents} == before


def test_one_visitor_does_not_see_anothers(ask, upload):
    """Nothing lists uploads, sessions or results; who knows no session's secret gets nothing of it."""
    (path,) = upload(("mine.jpg", PHOTO.read_bytes()))[1]
    session = uuid.uuid4().hex
    event = json.loads(ask("/config")[1])["dependencies"]
    number = next(event["id"] for event in event if event["api_name"] == "compare")
    body = json.dumps({"data": [{"path": path, "meta": MARK}], "fn_index": number, "session_hash": session})
    ask("/gradio_api/queue/join", body, {"Content-Type": "application/json"})
    for other in ("", "*", uuid.uuid4().hex):
        assert b"process_completed" not in ask(f"/gradio_api/queue/data?session_hash={other}")[1]
    assert b"process_completed" not in ask(f"/gradio_api/call/compare/{uuid.uuid4().hex}")[1]
    for place in (path.rpartition("/")[0], path.rpartition("/")[0] + "/", path[:-1]):
        assert ask(FILE + place)[0].status == 403
    for route in ("/config", "/gradio_api/info", "/gradio_api/queue/status", "/"):
        content = ask(route)[1].decode()
        assert "mine.jpg" not in content and session not in content
    assert b"process_completed" in ask(f"/gradio_api/queue/data?session_hash={session}")[1]


def test_other_sites(ask):
    """A page of another site cannot read answers of an app on this machine; nowhere is there a cookie to abuse."""
    answer, _ = ask("/config", headers={"Origin": "https://evil.example"})
    assert answer.headers["Access-Control-Allow-Origin"] is None
    assert ask("/")[0].headers["Set-Cookie"] is None


def test_the_server_is_still_right_and_its_log_tells_nothing(app, ask, compare, upload):
    (path,) = upload(("photo.jpg", PHOTO.read_bytes()))[1]
    assert "event: complete" in compare({"path": path, "meta": MARK})
    assert_tells_nothing(app[1].read_text())


def test_progress_of_an_upload_without_a_number_is_done(ask):
    """Gradio's camera asks for it, and a 404 would stand in the console."""
    for query in ("", "?upload_id="):
        answer, content = ask(f"/gradio_api/upload_progress{query}")
        assert answer.status == 200 and content == b'data: {"msg": "done"}\n\n'
        assert answer.headers["content-type"].startswith("text/event-stream")
