"""The JSON Schema of model documents, for editors to complete and check a model while it is written."""

from typing import Any

from vaglio.document.model import ModelDocument


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of format 1."""
    schema = ModelDocument.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:vaglio:model:1",
        **schema,
        "title": "Vaglio scoring model",
    }
