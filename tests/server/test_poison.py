"""Bodies that break careless servers, over real HTTP, everywhere: no 5xx, good neighbours taken, bad ones kept with a reason."""

import gzip
import http.client
import json
from pathlib import Path
from typing import Any

from tests.server.running import running, wait_for
from tests.server.world import make_source

DEEP = "[" * 100_000 + "]" * 100_000
ADDRESSES = [*(f"/v1/{kind}" for kind in ("identify", "track", "page", "screen", "group", "alias", "i", "t", "p", "g", "a", "s")),
             "/api/s/track", "/api/s/page", "/api/s/identify"]  # fmt: skip
EVERYWHERE = {"nul", "nobody", "right to left"}  # these are sent to every address, the others to some
# One event each, as it stands in a batch; True: it is odd, and fine.
EVENTS: dict[str, tuple[str, bool]] = {
    "nul": (r'{"type":"track","userId":"p","event":"a\u0000b"}', False),
    "half a character": (r'{"type":"track","userId":"p","event":"x","properties":{"a":"\ud800"}}', False),
    "nan": ('{"type":"track","userId":"p","event":"x","properties":{"a":NaN}}', False),
    "infinity": ('{"type":"track","userId":"p","event":"x","properties":{"a":-Infinity}}', False),
    "1e400": ('{"type":"track","userId":"p","event":"x","properties":{"a":1e400}}', False),
    "5,000 digits": ('{"type":"track","userId":"p","event":"x","properties":{"a":' + "9" * 5_000 + "}}", False),
    "deep": ('{"type":"track","userId":"p","event":"x","properties":{"a":' + DEEP + "}}", False),
    "17 levels": ('{"type":"track","userId":"p","event":"x","properties":{"a":' + "[" * 17 + "]" * 17 + "}}", False),
    "long id": ('{"type":"track","userId":"' + "u" * 10_000 + '","event":"x"}', False),
    "large": ('{"type":"track","userId":"p","event":"x","properties":{"a":"' + "x" * 33_000 + '"}}', False),
    "id that is no id": ('{"type":"track","userId":{"a":1},"event":"x"}', False),
    "message id that is none": ('{"type":"track","userId":"p","messageId":[1],"event":"x"}', False),
    "nobody": ('{"type":"track","event":"x"}', False),
    "no event": ('{"type":"track","userId":"p"}', False),
    "no type": ('{"type":"sneeze","userId":"p"}', False),
    "null": ("null", False),
    "list": ("[1,2]", False),
    "long name": ('{"type":"track","userId":"p","event":"x","properties":{"' + "k" * 5_000 + '":1}}', False),
    "the same key twice": ('{"type":"track","userId":"p","event":"x","event":"y"}', True),
    "properties that are none": ('{"type":"track","userId":"p","event":"x","properties":[1,2],"context":7,"traits":"t"}', True),
    "no time": ('{"type":"track","userId":"p","event":"x","timestamp":"9999999-99-99","sentAt":{},"originalTimestamp":-1e308}', True),
    "right to left": ('{"type":"track","userId":"p","event":"x","properties":{"a":"\u202e\U0001f600\ufeff"}}', True),
    "sql": ("""{"type":"track","userId":"'; DROP TABLE crm_lead; --","event":"x","properties":{"$where":"1","__proto__":{"a":1}}}""", True),
    "5,000 names": ('{"type":"track","userId":"p","event":"x","properties":{' + ",".join(f'"{n}":1' for n in range(2_500)) + "}}", True),
}
# Whole bodies, and whether they may be answered 200.
BODIES: dict[str, tuple[bytes, bool]] = {
    "nothing": (b"", False),
    "no JSON": (b'{"type":', False),
    "utf-16": ('{"batch":[]}'.encode("utf-16"), False),
    "no text": (b"\xff\xfe\x00\xc3\x28", False),
    "cut gzip": (gzip.compress(b'{"batch":[]}')[:12], False),
    "gzip bomb": (gzip.compress(b" " * 50_000_000), False),
    "gzip of gzip": (gzip.compress(gzip.compress(b"{}")), False),
    "too large": (b'{"batch":["' + b"x" * 600_000 + b'"]}', False),
    "far too large": (b'{"batch":["' + b"x" * 6_000_000 + b'"]}', False),
    "a number": (b"7", True),
    "deep": (DEEP.encode(), True),
    "a batch that is none": (b'{"batch":{"a":1}}', True),
    "a batch of batches": (b'{"batch":[{"batch":[{"type":"track","userId":"p","event":"x"}]}]}', True),
}


class Sender:
    """Sends bodies over one connection after the other, and counts the answers."""

    def __init__(self, address: str, key: str) -> None:
        self._host, self._key = address.removeprefix("http://"), key

    def send(self, path: str, body: bytes) -> int:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request("POST", path, body, {"X-Write-Key": self._key, "Content-Type": "text/plain"})
            response = connection.getresponse()
            told = json.loads(response.read())
            assert told["success"] is (response.status == 200)
            return response.status
        finally:
            connection.close()


def good(number: str) -> str:
    return json.dumps({"type": "track", "userId": "good", "event": "Good", "messageId": number})


def test_no_body_breaks_the_intake(tables: Path) -> None:
    from vaglio_server.tracking.models import Activity, Delivery, RefusedEvent

    source = make_source()
    refused, odd = 0, 0
    with running(tables) as server:
        sender = Sender(server.address, source.write_key)
        for name, (event, is_fine) in EVENTS.items():
            batch = f'{{"batch":[{good(name + " before")},{event},{good(name + " after")}]}}'.encode("utf-8", "surrogatepass")
            assert sender.send("/v1/batch", batch) == 200, name
            refused, odd = refused + (not is_fine), odd + is_fine
            for address in ADDRESSES if name in EVERYWHERE else ADDRESSES[1::6]:
                assert sender.send(address, event.encode("utf-8", "surrogatepass")) == 200, (name, address)
        for name, (body, is_fine) in BODIES.items():
            for address in ("/v1/batch", "/v1/track", "/api/s/track") * (4 if "too large" in name else 1):
                status = sender.send(address, body)
                assert (status == 200) if is_fine else (status in {400, 413}), (name, address, status)
        wait_for(lambda: not Delivery.objects.filter(is_open=True).exists(), 60)
    taken: dict[str, Any] = {name: Activity.objects.filter(activity_type=name).count() for name in ("good", "a", "x", "y")}
    assert taken["good"] == 2 * len(EVENTS)
    reasons = set(RefusedEvent.objects.values_list("reason", flat=True))
    assert RefusedEvent.objects.filter(delivery__kind="batch", place=1).count() == refused
    assert RefusedEvent.objects.filter(reason="").count() == 0
    assert not any("report it" in reason for reason in reasons), reasons
    assert taken["a"] == 0 and taken["x"] + taken["y"] >= odd
