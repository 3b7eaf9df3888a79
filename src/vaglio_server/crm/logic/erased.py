"""People who were erased, known by nothing but hashes that nobody reads back without the installation's secret."""

import hashlib
import hmac

Key = tuple[str, str]  # a kind of identity and its value, such as ("email", "anna@acme.example")


def digest_of(key: Key, secret: str) -> str:
    """Return the hash under which a key is remembered: that of a mail address could be guessed, were there no secret in it."""
    kind, value = key
    return hmac.new(f"vaglio.erased {secret}".encode(), f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
