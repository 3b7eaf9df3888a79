"""ModelDocument → canonical text and fingerprint. Comments and order of keys do not change what a model is."""

import hashlib
import io
import json
from typing import Any

from vaglio.document.model import ModelDocument


def plain(document: ModelDocument) -> dict[str, Any]:
    """Return the document as plain values, leaving out what was not written or equals its default."""
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"format": document.format, "subject": document.subject}


def dump(document: ModelDocument) -> str:
    """Return the canonical YAML text; loading it gives an equal document."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 110
    out = io.StringIO()
    yaml.dump(_ordered(document), out)
    return out.getvalue()


def _ordered(document: ModelDocument) -> dict[str, Any]:
    values = plain(document)
    return {name: values[name] for name in ModelDocument.model_fields if name in values}


def fingerprint(document: ModelDocument) -> str:
    """Return the SHA-256 of the document's meaning as 64 hexadecimal digits."""
    text = json.dumps(plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
