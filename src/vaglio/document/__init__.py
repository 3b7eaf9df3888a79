"""The model document: load, dump, fingerprint, JSON Schema and checks."""

from vaglio.document.dump import dump, fingerprint
from vaglio.document.load import load, loads
from vaglio.document.model import ModelDocument

__all__ = ["ModelDocument", "dump", "fingerprint", "load", "loads"]
