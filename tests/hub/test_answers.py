"""What the Hub answers and what is made of it: waiting, tokens, certificates."""

import datetime
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hub_samples import contents


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"RateLimit": '"api";r=0;t=20', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}, 20, 25),
        ({"ratelimit": '"resolvers"; r=0; t=77', "Retry-After": "5"}, 77, 80),
        ({"RateLimit": '"api";r=0;t=9000'}, 300, 300),
        ({"RateLimit": '"api";r=41;t=200'}, 2, 2),
        ({"RateLimit": "nonsense"}, 2, 2),
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": " 86400 "}, 300, 300),
        ({"Retry-After": "soon"}, 2, 2),
        ({"Retry-After": "-5"}, 2, 2),
        ({}, 2, 2),
    ],
    ids=str,
)
def test_the_pause_is_what_the_hub_asks_for(hub, call, weights, headers, least, most):
    hub.inject("GET", "whoami", "status", status=429, headers=headers, times=1)
    outcome = call("client_calls:prepare", {"repo": "me/pets"}, token="hf_write")
    assert outcome.error is None, outcome.text
    assert len(outcome.pauses) == 1 and least <= outcome.pauses[0] <= most
    assert f"trying again in {outcome.pauses[0]} s (1 of 3)" in outcome.output


def test_a_pull_waits_as_well(hub, call, published):
    hub.inject("GET", "/api/models", "status", status=429, headers={"RateLimit": '"api";r=0;t=20'}, times=1)
    outcome = call("seg.hub.pull:pull_weights", "me/pets")
    assert outcome.value["networks"] == ["fcn8", "unet"] and max(outcome.pauses) == 21


def test_the_time_left_is_on_a_terminal(call):
    outcome = call("client_calls:wait_at_a_terminal", 3)
    assert outcome.output.split() == ["3", "s", "2", "s", "1", "s"] and len(outcome.pauses) == 3


@pytest.mark.parametrize(("token", "told"), [("hf_wrong", "is invalid or expired"), ("hf_wr\u00f6ng", "has a letter")])
def test_a_push_says_what_is_wrong_with_the_token(hub, call, token, told):
    outcome = call("client_calls:prepare", {"repo": "me/pets"}, token=token)
    assert outcome.error == "UserError" and told in outcome.text and token not in outcome.text + outcome.output


# Certificates.


def certificate(folder, days=1, name="localhost"):
    """A key and a certificate that only its own authority, itself, vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=9))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key_format, no_password = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, key_format, no_password))
    (folder / "certificate.pem").write_bytes(built.public_bytes(pem))
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def secure(tmp_path):
    """Starts a server that speaks TLS; returns its address, what asked it and its certificate."""
    servers = []

    def secure(**settings):
        connections = []

        class Server(ThreadingHTTPServer):
            def get_request(self):
                connections.append(1)
                return super().get_request()

            def handle_error(self, *_):
                pass  # the client hangs up

        server = Server(("127.0.0.1", 0), BaseHTTPRequestHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        chain = certificate(tmp_path, **settings)
        context.load_cert_chain(*chain)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
        return f"https://localhost:{server.server_address[1]}", connections, chain[0]

    yield secure
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("action", ["push", "pull"])
@pytest.mark.parametrize(
    ("settings", "trusted", "told"),
    [
        ({}, False, "self-signed certificate"),
        ({"days": -1}, True, "certificate has expired"),
        ({"name": "elsewhere"}, True, "Hostname mismatch"),
    ],
    ids=["own authority", "expired", "other host"],
)
def test_a_certificate_that_is_not_trusted_is_named(call, secure, action, settings, trusted, told):
    url, connections, chain = secure(**settings)
    function, argument = {
        "push": ("client_calls:prepare", {"repo": "me/pets"}),
        "pull": ("seg.hub.pull:pull_weights", "me/pets"),
    }[action]
    environment = {"SSL_CERT_FILE": str(chain)} if trusted else {}
    patches = {"huggingface_hub.constants:ENDPOINT": url}
    outcome = call(function, argument, token="hf_write", environment=environment, patches=patches)
    assert outcome.error == "UserError"
    assert f"the Hub's certificate is not trusted ({told}" in outcome.text
    assert "clock" in outcome.text and "SSL_CERT_FILE" in outcome.text
    assert not outcome.pauses and len(connections) == 1


def test_a_file_of_certificates_that_is_none(call, secure, tmp_path):
    url, _, _ = secure()
    (tmp_path / "text.pem").write_text("no certificate")
    for path in (tmp_path / "none.pem", tmp_path, tmp_path / "text.pem"):
        patches = {"huggingface_hub.constants:ENDPOINT": url}
        environment = {"SSL_CERT_FILE": str(path)}
        outcome = call("seg.hub.pull:pull_weights", "me/pets", environment=environment, patches=patches)
        assert outcome.error == "UserError" and "SSL_CERT_FILE" in outcome.text


def test_what_the_hub_holds_is_had_with_a_good_token(hub, call, published, weights):
    hub.repos["model", "me/pets"].private = True
    outcome = call("seg.hub.pull:pull_weights", "me/pets", token="hf_read")
    assert contents(outcome.value["folder"]).items() <= contents(weights).items()
