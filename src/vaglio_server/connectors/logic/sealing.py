"""Keeping secrets that are needed again: encrypted with a key made of the server's own, so that a copy of the database signs nothing."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def _box(key: str) -> Fernet:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"vaglio.connectors.secrets").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(made))


def seal(secret: bytes, key: str) -> str:
    """Return a secret as it is stored."""
    return _box(key).encrypt(secret).decode("ascii")


def unseal(sealed: str, key: str) -> bytes | None:
    """Return a stored secret; None where it was sealed with another key, as after a change of ``VAGLIO_SECRET_KEY``."""
    try:
        return _box(key).decrypt(sealed.encode("ascii"))
    except InvalidToken:
        return None
