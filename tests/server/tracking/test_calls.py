"""What a delivery holds: each call is taken or refused by itself."""

import json
import re
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaglio.quantities import NAME
from vaglio.text import snake_case
from vaglio_server.tracking.logic.calls import DEEPEST, Call, Refusal, call_text, calls, elements, snake
from vaglio_server.tracking.logic.mending import editable, mended
from vaglio_server.tracking.logic.moments import occurred

RECEIVED = datetime(2026, 10, 1, 12, tzinfo=UTC)
GOOD = {"type": "track", "userId": "u", "event": "Demo Asked"}


def read(body: Any, kind: str = "batch") -> list[Call | Refusal]:
    text = body if isinstance(body, str) else json.dumps(body)
    return list(calls(text.encode("utf-8", "surrogatepass"), kind, RECEIVED))


def reasons(*raws: Any) -> list[str | None]:
    return [each.reason if isinstance(each, Refusal) else None for each in read({"batch": list(raws)})]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (GOOD | {"event": "a\x00b"}, "NUL"),
        (GOOD | {"event": "a\ud800b"}, "lone surrogate"),
        (GOOD | {"properties": {"x": float("nan")}}, "not finite"),
        (GOOD | {"properties": {"a\x00": 1}}, "NUL"),
        (GOOD | {"userId": "u" * 256}, "longer than 255"),
        (GOOD | {"messageId": "m" * 256}, "longer than 255"),
        (GOOD | {"properties": {"n" * 101: 1}}, "a name is longer"),
        (GOOD | {"properties": {"n" * 60: {"m" * 60: 1}}}, "a name is longer"),
        (GOOD | {"userId": ["u"]}, "neither text nor number"),
        (GOOD | {"type": "party"}, "none of identify"),
        (GOOD | {"event": " "}, "names no event"),
        (GOOD | {"properties": {"text": "x" * 33_000}}, "larger than 32 KB"),
        ({"type": "track", "event": "x"}, "names nobody"),
        ("track", "no object"),
        (None, "no object"),
    ],
)
def test_it_rejects_one_call_and_keeps_its_neighbours(raw: Any, reason: str) -> None:
    before, found, after = reasons(GOOD, raw, GOOD)
    assert before is None
    assert after is None
    assert found is not None
    assert reason in found


def test_it_rejects_a_number_too_large_for_a_double() -> None:
    text = '{"batch": [{"type": "track", "userId": "u", "event": "x", "properties": {"n": 1e400}}, ' + json.dumps(GOOD) + "]}"
    assert [type(each) for each in read(text)] == [Refusal, Call]
    long = '{"batch": [{"type": "track", "userId": "u", "event": "x", "properties": {"n": ' + "9" * 5000 + "}}]}"
    assert [type(each) for each in read(long)] == [Refusal]


def test_ids_of_many_digits_are_what_their_digits_say() -> None:
    one, other = 1234567890123456789, 1234567890123456790  # alike as doubles
    for name, said in (("userId", "user_id"), ("anonymousId", "anonymous_id"), ("messageId", "message_id"), ("previousId", "previous_id")):
        found = read({"batch": [GOOD | {name: number} for number in (one, other, -one, 7, 7.0, 7.5, 1e3)]})
        assert [getattr(each, said) for each in found] == [str(one), str(other), str(-one), "7", "7", "7.5", "1000"]
    (long,) = read({"batch": [GOOD | {"userId": 10**299}]})
    assert isinstance(long, Refusal) and "longer than 255" in long.reason
    assert read({"batch": [GOOD | {"properties": {"order": one}}]})[0].properties == {"order": float(one)}  # type: ignore[union-attr]


def test_a_refused_call_keeps_the_digits_of_its_numbers() -> None:
    raw = GOOD | {"userId": 1234567890123456789, "event": ""}
    body = json.dumps({"batch": [raw]}).encode()
    shown = editable(body, 0)
    assert json.loads(shown) == raw
    written = mended(shown.replace('"event": ""', '"event": "x"'), kind="batch", body=body, received_at=RECEIVED)
    (call,) = calls(written, "batch", RECEIVED)
    assert isinstance(call, Call) and call.user_id == "1234567890123456789"


@pytest.mark.parametrize("depth", [DEEPEST + 1, 500, 50_000])
def test_it_rejects_what_is_nested_too_deeply_and_keeps_its_neighbours(depth: int) -> None:
    deep = '{"type": "track", "userId": "u", "event": "x", "properties": {"a": ' + "[" * depth + "]" * depth + "}}"
    text = '{"writeKey": "k", "batch": [' + json.dumps(GOOD) + ", " + deep + ", " + json.dumps(GOOD) + "]}"
    assert [type(each) for each in read(text)] == [Call, Refusal, Call]


def test_texts_without_an_end_take_no_time() -> None:
    text = "[" * 1100 + '\\"' * 250_000  # a search from each of them would take hours
    assert len(read(text)) <= 1


def test_elements_are_found_whatever_texts_hold() -> None:
    raws = ['{"a": "],[\\"}{"}', "[1, [2]]", '"x"']
    assert [each.strip() for each in elements('{"k": "[", "batch": [' + ", ".join(raws) + '], "z": 1}')] == raws


def test_a_call_says_who_what_and_when() -> None:
    raw = {
        "type": "page", "anonymousId": 7, "name": "Pricing", "timestamp": "2026-10-01T11:00:00Z", "sentAt": "2026-10-01T11:30:00Z",
        "properties": {"contentType": "x", "deep": {"Inner Name": 1}, "list": [1], "none": None},
        "context": {"page": {"path": "/pricing"}, "traits": {"email": " Jo@Acme.example ", "company": {"employee_count": 90}}},
    }  # fmt: skip
    (call,) = read(raw, "page")
    assert isinstance(call, Call)
    assert (call.user_id, call.anonymous_id, call.email) == (None, "7", "jo@acme.example")
    assert call.occurred_at == RECEIVED - timedelta(minutes=30)
    assert call.activity_type == "page_viewed"
    assert call.properties == {"path": "/pricing", "name": "Pricing", "content_type": "x", "deep_inner_name": 1}
    assert call.traits == {"email": " Jo@Acme.example ", "employees": 90}


def test_what_a_batch_says_of_its_calls_holds_where_they_say_nothing_else() -> None:
    item = {"type": "track", "userId": "u", "event": "Asked"}
    own = item | {"context": {"userAgent": "Mine/1", "traits": {"city": "Milano"}}}
    context = {"userAgent": "Theirs/1", "ip": "192.0.2.1", "traits": {"city": "Roma", "employees": 9}}
    body = {"context": context, "batch": [item, own, item | {"context": None}]}
    found = [each for each in read(body) if isinstance(each, Call)]
    assert [(each.user_agent, each.address) for each in found] == [(name, "192.0.2.1") for name in ("Theirs/1", "Mine/1", "Theirs/1")]
    assert [each.traits["city"] for each in found] == ["Roma", "Milano", "Roma"]
    assert {each.traits["employees"] for each in found} == {9}
    shown = json.loads(call_text(json.dumps(body).encode(), 1))["context"]  # what is mended is what was read
    assert shown == {"userAgent": "Mine/1", "ip": "192.0.2.1", "traits": {"city": "Milano", "employees": 9}}


def test_a_batch_whose_context_is_unfit_is_refused_with_the_reason() -> None:
    for context, reason in (({"ip": "\x00"}, "in the context of the batch a text holds"), ({"ip": "x" * 400_000}, "too large for so many")):
        found = read({"context": context, "batch": [GOOD] * 50})
        assert len(found) == 50
        assert all(isinstance(each, Refusal) and reason in each.reason for each in found)


@pytest.mark.parametrize(
    ("name", "wanted"), [("Content Type", "content_type"), ("contentType", "content_type"), ("Demo-asked!", "demo_asked")]
)
def test_names_are_spelled_as_in_documents(name: str, wanted: str) -> None:
    assert snake(name) == wanted


@pytest.mark.parametrize("name", ["Città", "Größe (cm)", "Størrelse", "Łódź", "Œuvre", "№ lead", "Ｃｉｔｙ"])
def test_letters_with_accents_are_named_as_files_name_them(name: str) -> None:
    assert snake(name) == snake_case(name)
    assert "_" not in snake(name.split(maxsplit=1)[0])


def test_names_in_other_letters_stay_apart_and_are_names_as_models_have_them() -> None:
    names = ["должность", "страница", "Имя 1", "Фамилия 1", "имя1", "имя2", "会社", "की", "का", "🎉"]
    spelled = [snake(name) for name in names]
    assert len({*spelled}) == len(names)
    assert all(re.fullmatch(NAME, each) for each in spelled)
    assert snake("会社") == snake(" 会社!") == "xn_6oq404h"


def test_no_value_is_lost_for_the_letters_of_its_name() -> None:
    told = {"Città": "Milano", "должность": "CEO", "会社": "Acme", "адрес": {"город": "Минск"}}
    (call,) = read({"type": "identify", "userId": "a", "traits": told}, "identify")
    assert isinstance(call, Call)
    assert set(call.traits.values()) == {"Milano", "CEO", "Acme", "Минск"}
    (call,) = read({"type": "track", "userId": "a", "event": "страница", "properties": {"страница": "цены"}}, "track")
    assert isinstance(call, Call)
    assert call.properties == {call.activity_type: "цены"}


def test_a_name_without_end_takes_no_time() -> None:
    start = monotonic()
    (refused,) = read({"type": "identify", "userId": "a", "traits": {"".join(map(chr, range(0x4E00, 0x4E00 + 9000))): 1}}, "identify")
    assert isinstance(refused, Refusal)
    assert monotonic() - start < 1


@pytest.mark.parametrize(
    ("stamp", "sent", "wanted"),
    [
        ("2026-10-01T10:00:00Z", None, RECEIVED - timedelta(hours=2)),
        ("2026-10-01T10:00:00Z", "2026-10-01T10:00:05Z", RECEIVED - timedelta(seconds=5)),
        ("2016-10-01T10:00:00Z", "2016-10-01T10:00:05Z", RECEIVED - timedelta(seconds=5)),  # a clock ten years behind
        ("2036-10-01T10:00:00Z", None, RECEIVED),  # more than a day ahead
        ("1989-12-31T23:59:59Z", None, RECEIVED),  # a clock that was reset
        (86_400, None, RECEIVED),
        ("1990-01-01T00:00:00Z", None, datetime(1990, 1, 1, tzinfo=UTC)),
        (1790848800, None, RECEIVED - timedelta(hours=2)),
        (1790848800000, None, RECEIVED - timedelta(hours=2)),
        ("yesterday", None, RECEIVED),
        (None, None, RECEIVED),
        (float("inf"), None, RECEIVED),
        (True, None, RECEIVED),
    ],
)
def test_times_are_corrected(stamp: Any, sent: Any, wanted: datetime) -> None:
    assert occurred(stamp, sent, RECEIVED) == wanted


@pytest.mark.parametrize("name", ["duration", "Minutes", "timeOnPage", "video_seconds"])
def test_what_lasts_less_than_no_time_is_refused_and_its_neighbours_are_taken(name: str) -> None:
    track = {"type": "track", "userId": "a", "event": "Watched", "properties": {name: 3}}
    (reason, taken, other) = reasons(
        track | {"properties": {name: -3.5}}, track, track | {"properties": {"temperature": -3, "balance": -1}}
    )
    assert reason is not None and "is -3.5, and nothing lasts less than no time" in reason
    assert (taken, other) == (None, None)


# Small ones of many kinds: of large ones most of the time went into drawing them, and what is too long or too deep is tested above.
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=8), part, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        json_values
        | st.dictionaries(st.sampled_from(["type", "userId", "event", "timestamp", "context", "traits", "messageId"]), json_values),
        max_size=6,
    )
)
def test_no_batch_breaks_it(raws: list[Any]) -> None:
    assert len(read({"batch": raws, "sentAt": raws})) == len(raws)
