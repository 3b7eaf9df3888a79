"""The intake's answers."""

import base64
import gzip
import json
from pathlib import Path

import pytest

from tests.server.world import HOST, make_source, post

pytestmark = pytest.mark.usefixtures("tables")
CALL = {"type": "track", "userId": "anna", "event": "Demo Asked"}


def bodies() -> list[bytes]:
    from vaglio_server.tracking.models import Delivery

    return [bytes(each.body) for each in Delivery.objects.order_by("id")]


def test_it_keeps_a_request_as_it_came() -> None:
    source = make_source()
    body = json.dumps({"writeKey": source.write_key, "odd": "a\x00b", **CALL}).encode() + b"  \n"
    response = post(source, "track", body)
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert bodies() == [body]


@pytest.mark.parametrize(
    "path", ["/v1/track", "/v1/t", "/v1/track/", "/v1/batch", "/v1/import", "/api/s/track", "/api/s/s2s/batch", "/beacon/v1/batch"]
)
def test_every_address_of_every_client_is_open(path: str) -> None:
    from django.test import Client

    source = make_source()
    body = json.dumps({"writeKey": source.write_key, **CALL})
    assert Client().post(path, body, content_type="application/json", headers=HOST).status_code == 200
    assert len(bodies()) == 1


def test_the_write_key_is_found_wherever_clients_put_it() -> None:
    from django.test import Client

    key = make_source().write_key
    for user in (f"{key}:", key):
        basic = base64.b64encode(user.encode()).decode()
        assert (
            Client().post("/v1/t", CALL, content_type="application/json", headers=HOST | {"authorization": f"Basic {basic}"}).status_code
            == 200
        )
    assert Client().post("/v1/t", CALL, content_type="application/json", headers=HOST | {"x-write-key": key}).status_code == 200
    assert Client().post(f"/v1/t?writeKey={key}", CALL, content_type="application/json", headers=HOST).status_code == 200
    assert Client().post("/v1/t", CALL, content_type="application/json", headers=HOST).status_code == 401
    assert len(bodies()) == 4


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Bearer \x00", "Nonsense"])
def test_it_rejects_a_key_that_is_none(header: str) -> None:
    from django.test import Client

    assert Client().post("/v1/t", CALL, content_type="application/json", headers=HOST | {"authorization": header}).status_code == 401


def test_it_rejects_the_key_of_a_source_put_out_of_use() -> None:
    source = make_source()
    source.is_active = False
    source.save()
    assert post(source, "track", CALL).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": 1} x', b"\x1f\x8bnot gzip"])
def test_it_rejects_what_is_no_json(body: bytes) -> None:
    assert post(make_source(), "track", body).status_code == 400
    assert bodies() == []


def test_gzip_is_found_whatever_the_headers_say() -> None:
    source = make_source()
    body = json.dumps({"writeKey": source.write_key, **CALL}).encode()
    assert post(source, "track", gzip.compress(body)).status_code == 200
    assert bodies() == [body]


def test_it_rejects_too_large_a_request_and_takes_one_just_below() -> None:
    source = make_source()
    start = json.dumps({"writeKey": source.write_key, **CALL})[:-1] + ', "filler": "'
    fits = start + "x" * (500 * 1024 - len(start) - 2) + '"}'
    assert post(source, "track", fits).status_code == 200
    assert post(source, "track", fits[:-2] + 'x"}').status_code == 413
    assert post(source, "track", gzip.compress(fits.encode() + b" " * 200_000_000)).status_code == 413
    assert len(bodies()) == 1


def test_browsers_on_other_sites_may_send() -> None:
    from django.test import Client

    asked = Client().options("/v1/t", headers=HOST | {"origin": "https://shop.example", "access-control-request-headers": "content-type"})
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "content-type" in asked["Access-Control-Allow-Headers"]
    assert post(make_source(), "t", CALL, origin="https://shop.example")["Access-Control-Allow-Origin"] == "https://shop.example"
    for page in ("/healthz", "/beacon/x", "/sourceConfigs"):  # pages of ours, not the intake's
        assert "Access-Control-Allow-Origin" not in Client().get(page, headers=HOST | {"origin": "https://shop.example"}), page


def test_it_says_503_while_nothing_can_be_kept_and_recovers(tables: Path) -> None:
    from django.db import connection

    source = make_source()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tracking_delivery RENAME TO away")
    response = post(source, "track", CALL)
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE away RENAME TO tracking_delivery")
    assert post(source, "track", CALL).status_code == 200


def test_a_request_with_two_keys_is_kept_once() -> None:
    relay, site = make_source("relay"), make_source("site")
    basic = base64.b64encode(f"{relay.write_key}:".encode()).decode()
    assert post(site, "track", CALL, **{"authorization": f"Basic {basic}"}).status_code == 200
    assert len(bodies()) == 1
