"""Signing what is sent, as Standard Webhooks 1.0.0 says: HMAC-SHA256 of ``id.timestamp.body``, with each secret that is good now."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
BYTES = 32  # of a secret; the standard asks for 24 to 64


def written(secret: bytes) -> str:
    """Return a secret as receivers are given it."""
    return PREFIX + base64.b64encode(secret).decode("ascii")


def headers(key: str, at: datetime, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """Return the headers by which a receiver knows that a body is ours, and whether it had it already; ``at``: of this attempt."""
    seconds = str(int(at.timestamp()))
    told = f"{key}.{seconds}.".encode() + body
    signatures = (base64.b64encode(hmac.new(secret, told, hashlib.sha256).digest()).decode("ascii") for secret in secrets)
    return {"webhook-id": key, "webhook-timestamp": seconds, "webhook-signature": " ".join(f"v1,{each}" for each in signatures)}
