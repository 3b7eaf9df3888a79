"""``vaglio kinds``: the rule kinds with their sentences."""

import json

from vaglio.cli.options import Json


def kinds(as_json: Json = False) -> None:
    """List the rule kinds and what each rewards.

    Example: vaglio kinds
    """
    from vaglio.rules import KINDS

    if as_json:
        print(json.dumps({name: kind.summary for name, kind in KINDS.items()}, indent=2))
        return
    width = max(len(name) for name in KINDS)
    for name, kind in KINDS.items():
        print(f"{name:<{width}}  {kind.summary}")
