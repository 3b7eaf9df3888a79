"""``vaglio schema``: the JSON Schema of model documents."""

import json


def schema() -> None:
    """Print the JSON Schema that makes an editor complete and check a model.

    Example: vaglio schema > vaglio.schema.json
    """
    from vaglio.document.schema import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))
