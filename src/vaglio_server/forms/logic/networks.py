"""From which network a visitor comes, so that it can be counted and nobody can read it back."""

import hashlib
import hmac
import ipaddress
from datetime import datetime


def network_of(address: str) -> str:
    """Return whose address it is: all of a network's in IPv6 (/64), where a household has many; what is no address stays as it is."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def digest_of(address: str, secret: str, at: datetime) -> str:
    """Return a network as a keyed hash that is another one every day."""
    told = f"{at.date().isoformat()} {network_of(address)}"
    return hmac.new(f"forms.network {secret}".encode(), told.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
