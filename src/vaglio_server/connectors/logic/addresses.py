"""Where webhooks may go: by HTTPS to the public internet, and to exact ``host:port`` that the operator allows; never inside otherwise.

What a name stands for is checked where the connection is made, once, and the connection goes to what was checked: see ``client.py``.
"""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from vaglio_server.refused import Refused

LONGEST = 500
_LONGEST_LABEL = 63  # between two dots of a name
_USUAL = {"https": 443, "http": 80}
_LEAST_PORT = 1024  # of those that are not 443: what stands below belongs to other services
_INSIDE = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")  # names that no public server has
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
# Of IANA's registries of special addresses, those that some Python takes for public: which ones depends on its version.
_SPECIAL = tuple(
    ipaddress.ip_network(each)
    for each in (
        "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.175.48.0/24",
        "64:ff9b:1::/48", "100::/32", "2001::/23", "2620:4f:8000::/48", "3fff::/20", "5f00::/16",
    )
)  # fmt: skip

Allowed = Collection[tuple[str, int]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """Where something is sent: ``path`` with its query; ``is_allowed``: the operator allows exactly this host and port."""

    scheme: str
    host: str
    port: int
    path: str
    is_allowed: bool

    @property
    def netloc(self) -> str:
        """As the header ``Host`` names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _USUAL[self.scheme] else f"{host}:{self.port}"


def target_of(address: str, allowed: Allowed) -> Target:
    """Return where an address leads.

    Raises
    ------
    Refused
        It is no address, or one to which nothing is sent; it says which and what to do.
    """
    scheme, host, port, path = _parts(address)
    target = Target(scheme, host, port, path, (host, port) in allowed)
    if target.is_allowed:
        return target
    if (literal := as_written(host)) is not None and not is_public(literal):
        raise Refused(
            f"{host} is an address inside a network ({_named(literal)}): webhooks go to the public internet only. "
            f"If this receiver is yours, whoever runs the server allows it by VAGLIO_WEBHOOK_HOSTS={host}:{port}"
        )
    if literal is None and _is_inside(host):
        raise Refused(
            f"{host} is a name inside a network: webhooks go to the public internet only. "
            f"If this receiver is yours, whoever runs the server allows it by VAGLIO_WEBHOOK_HOSTS={host}:{port}"
        )
    if scheme != "https":
        raise Refused("the address must begin with https://, so that nobody between reads what is sent")
    if port != _USUAL["https"] and port < _LEAST_PORT:
        raise Refused(f"port {port} belongs to another service: use 443, or one from {_LEAST_PORT}")
    return target


def _parts(address: str) -> tuple[str, str, int, str]:
    text = address.strip()
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise Refused(
            f"an address has at most {LONGEST} characters, none of them a space or outside of ASCII (write international names as xn--…)"
        )
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Refused("this is no address: it looks like https://example.com/webhooks") from error
    if parts.scheme not in _USUAL or not host:
        raise Refused("this is no address: it looks like https://example.com/webhooks")
    if "@" in parts.netloc:
        raise Refused("leave user and password out of the address: what is sent is signed, and that is how the receiver knows it")
    host = host.removesuffix(".")
    if "%" in host or port == 0 or not (":" in host or all(0 < len(label) <= _LONGEST_LABEL for label in host.split("."))):
        raise Refused("this is no address: it looks like https://example.com/webhooks")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port or _USUAL[parts.scheme], path


def as_written(host: str) -> Address | None:
    """Return the address that a host is, in any spelling that systems take for one (decimal, octal, hexadecimal, short); None: a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _is_inside(host: str) -> bool:
    return "." not in host or host.endswith(_INSIDE)


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, also once what is carried in it is taken out (IPv4 mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, ipaddress.IPv6Address) and (carried := _carried(address)):
        return all(is_public(each) for each in carried)
    if isinstance(address, ipaddress.IPv6Address) and (address in _COMPATIBLE or address.is_site_local):
        return False
    if any(address in each for each in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),) if address in _TRANSLATED else ()


def _named(address: Address) -> str:
    if address.is_loopback:
        return "this machine"
    return "where clouds keep their keys, or link-local" if address.is_link_local else str(address)
