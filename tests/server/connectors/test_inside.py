"""Webhooks go nowhere inside: by no spelling, by no name that stands for an inside address, and by none that changes its mind."""

import asyncio
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.connectors.receiver import Receiver, receiving
from tests.server.connectors.world import Clock, deliveries, hand_out, happen, make_endpoint, sending
from vaglio_server.connectors.client import Client
from vaglio_server.connectors.logic.addresses import Target, as_written, is_public, target_of
from vaglio_server.refused import Refused


def words(text: str) -> list[str]:
    return text.split()


INSIDE = words("""
127.0.0.1 127.1 127.0.0.53 0.0.0.0 0 localhost localhost. LOCALHOST a.localhost 2130706433 017700000001 0x7f000001 0x7f.0.0.1
0177.0.0.1 169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 metadata.google.internal 169.254.169.254.
10.0.0.8 172.16.0.1 172.31.255.255 192.168.1.1 192.168.257 100.64.0.1 198.18.0.1 192.0.2.5 203.0.113.9 224.0.0.1 240.0.0.1
255.255.255.255 [::1] [::] [::127.0.0.1] [::ffff:127.0.0.1] [::ffff:169.254.169.254] [::ffff:7f00:1] [fe80::1] [fe80::1%25eth0]
[fec0::1] [fc00::1] [fd12:3456::1] [ff02::1] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe] [2002:7f00:1::] [2002:a9fe:a9fe::1]
[2001:0:7f00:1::] [2001:db8::1] 192.0.0.8 192.88.99.1 192.175.48.1 [3fff::1] [5f00::1] [100::1] [64:ff9b:1::a9fe:a9fe] [2001:2::1]
crm router.lan printer.local nas.home.arpa
""")
OUTSIDE = words(
    "93.184.216.34 8.8.8.8 [2606:4700::1111] [::ffff:8.8.8.8] [64:ff9b::8.8.8.8] hooks.example.com xn--bcher-kva.example HOOKS.Example.COM."
)


@pytest.mark.parametrize("host", INSIDE)
def test_no_address_inside_is_taken(host: str) -> None:
    for scheme in ("https", "http"):
        with pytest.raises(Refused):
            target_of(f"{scheme}://{host}/latest/meta-data", frozenset())


@pytest.mark.parametrize("host", OUTSIDE)
def test_addresses_outside_are(host: str) -> None:
    assert target_of(f"https://{host}/hooks?x=1", frozenset()).path == "/hooks?x=1"


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(Refused, match=r"169\.254\.169\.254 is an address inside a network.*VAGLIO_WEBHOOK_HOSTS=169\.254\.169\.254:443"):
        target_of("https://169.254.169.254/latest", frozenset())


@pytest.mark.parametrize(
    "address",
    [
        "", "hooks.example.com", "ftp://hooks.example.com", "http://hooks.example.com/", "https://", "https://a:b@hooks.example.com",
        "https://hooks.example.com:22/", "https://hooks.example.com:0/", "https://hooks.example.com:99999/", "https://h\u00f6.example",
        "https://hooks.example.com\\@127.0.0.1/", "https://hooks.example.com/a b", "https://[::1", "https://hooks.example.com/" + "x" * 500,
        "javascript:alert(1)", "file:///etc/passwd", "gopher://hooks.example.com", "https://127.0.0.1%2f@hooks.example.com/", "https://exa\rmple.com/",
        "https://a..b/x", "https://.example.com/", "https://" + "a" * 64 + ".example/", "https://hooks.example.com../",
    ],
)  # fmt: skip
def test_what_is_no_public_address_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        target_of(address, frozenset())


def test_one_that_is_allowed_allows_nobody_else() -> None:
    allowed = frozenset({("127.0.0.1", 9000)})
    assert target_of("http://127.0.0.1:9000/", allowed).is_allowed
    for other in ("http://127.0.0.1:9001/", "http://127.1:9000/", "http://localhost:9000/", "http://10.0.0.1:9000/"):
        with pytest.raises(Refused):
            target_of(other, allowed)


def test_what_is_said_of_addresses_is_true() -> None:
    assert as_written("0251.0376.0251.0376") == as_written("169.254.169.254")
    assert as_written("hooks.example.com") is None
    assert not is_public(as_written("169.254.169.254"))  # type: ignore[arg-type]


class Names:
    """A resolver that says what it is told to, and remembers what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self.asked: list[str] = []
        self._answers = list(answers)
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: str, port: int, *given: Any, **named: Any) -> Any:
        if not host.endswith(".example"):
            return self._real(host, port, *given, **named)
        self.asked.append(host)
        if not self._answers:
            raise socket.gaierror(socket.EAI_AGAIN, "no resolver answers")
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answer.split()]


def post(address: str, allowed: frozenset[tuple[str, int]] = frozenset()) -> Any:
    client = Client()
    try:
        return client.post(target_of(address, allowed), {}, b"{}", timedelta(seconds=5)).result(10)
    finally:
        client.close()


@pytest.mark.parametrize("inside", ["127.0.0.1", "8.8.8.8 127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1%1"])
def test_a_name_that_stands_for_an_inside_address_is_sent_nothing(monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    Names(monkeypatch, inside)
    with receiving() as receiver:
        answer = post(f"https://hooks.example:{receiver.port}/")
    assert answer.status is None and "inside a network: nothing was sent" in answer.error
    assert receiver.came == []


def test_a_name_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(monkeypatch, "93.184.216.34", "127.0.0.1")
    connected: list[tuple[str, str]] = []

    async def nowhere(host: str, port: int, **named: Any) -> Any:
        connected.append((host, named["server_hostname"]))
        raise OSError(111, "Connection refused")

    monkeypatch.setattr(asyncio, "open_connection", nowhere)
    answer = post("https://hooks.example/")
    assert (connected, names.asked) == ([("93.184.216.34", "hooks.example")], ["hooks.example"])
    assert answer.error == "no connection: Connection refused"


def test_a_name_that_nobody_knows_is_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    Names(monkeypatch)
    answer = post("https://hooks.example/")
    assert answer.status is None and "nobody knows the name hooks.example" in answer.error


def test_a_name_that_is_none_is_an_answer_like_any_other() -> None:
    client = Client()
    try:
        answer = client.post(Target("https", "a..b", 443, "/", False), {}, b"{}", timedelta(seconds=5)).result(10)
    finally:
        client.close()
    assert answer.status is None and "nobody knows the name a..b" in answer.error


def test_a_resolver_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    real, go_on = socket.getaddrinfo, threading.Event()
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *given, **named: (host == "hangs.example" and go_on.wait(20)) or real(host, *given, **named)
    )
    client, begun = Client(), time.monotonic()
    try:
        with receiving() as receiver:
            hanging = [client.post(target_of("https://hangs.example/", frozenset()), {}, b"{}", timedelta(seconds=1)) for _ in range(80)]
            quick = client.post(target_of(receiver.url(), receiver.allowed), {}, b"{}", timedelta(seconds=0.8)).result(10)
            errors = {each.result(10).error for each in hanging}
    finally:
        client.close()
        took = time.monotonic() - begun
        go_on.set()
    assert quick.status == 200 and errors == {"no answer within 1 s"} and took < 5


def test_what_we_write_wrongly_is_not_said_of_the_receiver() -> None:
    with receiving() as receiver:
        client = Client()
        try:
            answer = client.post(target_of(receiver.url(), receiver.allowed), {"no name": "x"}, b"{}", timedelta(seconds=5)).result(10)
        finally:
            client.close()
    assert receiver.came == [] and "could not be sent" in answer.error and "answered" not in answer.error


def test_proxies_of_the_environment_are_not_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        assert post(receiver.url(), receiver.allowed).status == 200
        assert (len(proxy.came), len(receiver.came)) == (0, 1)


@pytest.mark.usefixtures("tables")
def test_what_is_not_allowed_any_more_is_sent_nothing() -> None:
    with receiving() as receiver:
        make_endpoint(receiver)
        happen()
        hand_out()
        with sending(Receiver(lambda _came: None), Clock()) as send:  # type: ignore[arg-type,return-value]
            send()
    (sent,) = deliveries()
    assert receiver.came == [] and sent.attempts == 1 and "VAGLIO_WEBHOOK_HOSTS" in sent.error


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a certificate that signs itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    who, day = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), timedelta(days=1)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - day).not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(("name", "error"), [("hooks.example", ""), ("other.example", "its certificate does not hold: Hostname mismatch")])
def test_the_certificate_is_asked_for_the_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, error: str) -> None:
    cert, key = certificate(tmp_path, name)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(cert, key)
    Names(monkeypatch, "127.0.0.1")
    with receiving(tls=tls) as receiver:
        address, allowed = f"https://hooks.example:{receiver.port}/", frozenset({("hooks.example", receiver.port)})
        assert "its certificate does not hold" in post(address, allowed).error  # nobody vouches for it
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        answer = post(address, allowed)
    assert answer.error.startswith(error) and answer.status == (None if error else 200)
    assert len(receiver.came) == (0 if error else 1)
