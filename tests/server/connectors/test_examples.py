"""The examples of docs/how-to/webhooks.md hold what they promise: they take what we sign and nothing else."""

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vaglio_server.connectors.logic.signing import headers, written

TEXT = (Path(__file__).parents[3] / "docs/how-to/webhooks.md").read_text(encoding="utf-8")
SECRET, OTHER = b"s" * 32, b"o" * 32
BODY = '{"type":"ping","data":{"n":"ö"}}'.encode()
NODE = shutil.which("node", path=f"{Path(sys.executable).parent}:{Path('/usr/bin')}") or shutil.which("node")


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.S)[1]  # type: ignore[index]


def cases() -> list[tuple[dict[str, str], bytes, bool]]:
    now = datetime.now(UTC)
    good = headers("key-1", now, BODY, [SECRET])
    return [
        (good, BODY, True),
        (headers("key-1", now, BODY, [OTHER, SECRET]), BODY, True),  # while it is changed for another
        (headers("key-1", now, BODY, [OTHER]), BODY, False),
        (good, BODY + b" ", False),
        (good | {"webhook-id": "key-2"}, BODY, False),
        (headers("key-1", now - timedelta(minutes=6), BODY, [SECRET]), BODY, False),
        (good | {"webhook-signature": "v1,"}, BODY, False),
    ]


def test_the_one_in_python() -> None:
    there: dict[str, Any] = {}
    exec(block("python"), there)
    assert [there["is_from_vaglio"](written(SECRET), told, body) for told, body, _good in cases()] == [good for *_told, good in cases()]


@pytest.mark.skipif(NODE is None, reason="no node here")
def test_the_one_in_javascript(tmp_path: Path) -> None:
    asked = json.dumps([[told, body.decode()] for told, body, _good in cases()])
    script = f"""{block("javascript")}
    const found = {asked}.map(([told, body]) => isFromVaglio({json.dumps(written(SECRET))}, told, Buffer.from(body)));
    console.log(JSON.stringify(found));"""
    (tmp_path / "asked.mjs").write_text(script, encoding="utf-8")
    said = subprocess.run([NODE, tmp_path / "asked.mjs"], check=True, capture_output=True, text=True)  # type: ignore[list-item]
    assert json.loads(said.stdout) == [good for *_told, good in cases()]


def test_every_kind_is_in_the_table() -> None:
    from vaglio_server.lifecycle.models import Kind

    assert [kind for kind in Kind.values if f"`{kind}`" not in TEXT] == []
