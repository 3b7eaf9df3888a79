"""Every rule kind of the oracle, judged by numbers worked out on paper."""

from decimal import Decimal

from tests.engine.oracle_examples import AS_OF, DAY, Row, did, made
from tests.engine.oracle_text import SECOND


def test_fields_gives_the_first_band_that_holds() -> None:
    bands: list[Row] = [{"below": 10, "award": "33.35%"}, {"from": 5, "points": -2}, {"known": True}]
    rule = {"kind": "fields", "field": "employees", "points": Decimal("0.01"), "bands": bands}
    given_ = [made(rule, leads=[{"lead_id": "L", "employees": n}]) for n in (7, 10, None)]
    assert given_ == [3, -2000, 0]
    assert made({**rule, "bands": [bands[2]]}, leads=[{"lead_id": "L", "employees": 1}]) == 10


def test_fields_reads_the_account() -> None:
    rule = {"kind": "fields", "field": "account.size", "points": 5, "bands": [{"from": 10, "award": "100%"}]}
    accounts = [{"account_id": "a", "size": 10}]
    assert made(rule, leads=[{"lead_id": "L", "account_id": "a"}], accounts=accounts) == 5000
    assert made(rule, leads=[{"lead_id": "L", "account_id": "b"}], accounts=accounts) == 0


def test_list_member_from_to_and_known_at() -> None:
    rule = {"kind": "list_member", "list": "targets", "points": 25}
    member = {"list": "targets", "member_type": "account", "member_id": "a", "from": AS_OF, "to": AS_OF + 1}
    lead = [{"lead_id": "L", "account_id": "a"}]
    assert made(rule, leads=lead, lists=[member, member]) == 25_000
    assert made(rule, leads=lead, lists=[{**member, "to": AS_OF, "from": None}]) == 0
    assert made(rule, leads=lead, lists=[{**member, "known_at": AS_OF + 1}]) == 0
    assert made(rule, leads=lead, lists=[{**member, "member_type": "lead"}]) == 0


def test_activity_fades_and_rounds_each_by_itself() -> None:
    rule = {"kind": "activity", "activity": "page_viewed", "points": Decimal("0.001"), "half_life": "1d"}
    assert made(rule, activities=[did(DAY), did(DAY)]) == 2  # 0.5 and 0.5, each up to 1
    assert made({**rule, "points": Decimal("-0.001")}, activities=[did(DAY), did(DAY + 1)]) == -1
    fade = {"kind": "activity", "activity": "page_viewed", "points": Decimal("0.003"), "fade": "2d"}
    assert made(fade, activities=[did(DAY)]) == 2  # 1.5
    assert made(fade, activities=[did(2 * DAY)]) == 0
    hot = {"kind": "activity", "activity": "page_viewed", "points": 10, "half_life": "14d"}
    assert made(hot, activities=[did(0), did(28 * DAY)]) == 12_500
    assert made(hot, activities=[did(7 * DAY)]) == 7_071


def test_activity_window_and_time() -> None:
    rule = {"kind": "activity", "activity": "page_viewed", "points": 1, "within": "1d"}
    ages = [0, DAY - 0.000001, DAY, -0.000001]
    assert made(rule, activities=[did(age) for age in ages]) == 2_000
    assert made(rule, AS_OF - 1, activities=[did(0), did(60, received_at=AS_OF)]) == 0


def test_activity_where() -> None:
    rule: Row = {"kind": "activity", "activity": "page_viewed", "points": 1}
    activities = [did(1, properties={"path": path, "minutes": 5}) for path in ("/Pricing", "/docs", None)]
    asked: list[tuple[Row, int]] = [
        ({"path": "/pricing"}, 1),
        ({"path": {"starts_with": "/"}, "minutes": {"from": 5}}, 2),
        ({"not": {"path": "/docs"}}, 2),
        ({"any": [{"path": "/docs"}, {"path": {"known": False}}]}, 2),
    ]
    for where, count in asked:
        assert made({**rule, "where": where}, activities=activities) == count * 1000


def test_activity_once_per() -> None:
    rule = {"kind": "activity", "activity": "page_viewed", "points": 8, "half_life": "1d"}
    # Sunday, the end and the start of Saturday, Monday, the end of Sunday: 4000, 4000, 2000, 63 (62.5), 62
    activities = [did(DAY), did(DAY + 1), did(2 * DAY), did(7 * DAY), did(7 * DAY + 1)]
    assert made({**rule, "once_per": "ever"}, activities=activities) == 4000
    assert made({**rule, "once_per": "week"}, activities=activities) == 4000 + 62
    assert made({**rule, "once_per": "day"}, activities=activities) == 4000 + 4000 + 63 + 62
    assert made({**rule, "once_per": "hour"}, activities=activities) == 4000 + 4000 + 2000 + 63 + 62
    paths = [did(0, properties={"path": path}) for path in ("/A", "/a", "", None, "Select", "/b")]
    assert made({**rule, "once_per": {"property": "path"}}, activities=paths) == 24_000


def test_activity_count_and_active_days() -> None:
    bands = [{"at_least": 2, "points": 5}, {"at_least": 4, "award": "100%"}, {"at_least": 0, "points": -1}]
    rule = {"kind": "activity_count", "activity": "page_viewed", "points": 9, "within": "2d", "bands": bands}
    assert [made(rule, activities=[did(1)] * n) for n in (0, 1, 2, 3, 4)] == [-1000, -1000, 5000, 5000, 9000]
    days = {**rule, "kind": "active_days"}
    assert made(days, activities=[did(1), did(2), did(DAY), did(DAY + 1)]) == 5000


def test_activity_recency_takes_the_narrowest_band() -> None:
    bands = [{"within": "30d", "points": 1}, {"within": "7d", "points": 4}]
    rule = {"kind": "activity_recency", "activity": "page_viewed", "bands": bands}
    ages = [7 * DAY - 1, 7 * DAY, 30 * DAY]
    assert [made(rule, activities=[did(age), did(40 * DAY)]) for age in ages] == [4000, 1000, 0]


def test_velocity_needs_a_strictly_shorter_run() -> None:
    rule = {"kind": "velocity", "activities": ["page_viewed", "email_clicked"], "at_least": 3, "within": "1d"}
    rule |= {"points": 16, "half_life": "1d"}
    run = [did(3 * DAY), did(2.5 * DAY, "email_clicked"), did(2 * DAY)]
    assert made(rule, activities=run) == 0
    assert made(rule, activities=[did(3 * DAY - 0.000001), *run[1:], did(DAY / 2)]) == 4000
    assert made({**rule, "at_most_age": "2d"}, activities=[did(2 * DAY)] * 3) == 0
    assert made({**rule, "at_most_age": "2d"}, activities=[did(2 * DAY - 0.000001)] * 3) == 4000


def test_inactivity_repeats() -> None:
    rule = {"kind": "inactivity", "after": "60d", "points": -10, "every": "30d"}
    assert [made(rule, activities=[did(days * DAY)]) for days in (59, 60, 89, 90)] == [
        0,
        -10_000,
        -10_000,
        -20_000,
    ]
    created = [{"lead_id": "L", "created_at": AS_OF - 61 * DAY * SECOND}]
    assert made(rule, leads=created, activities=[did(100 * DAY)]) == -10_000
    assert made(rule) == 0
    assert made({**rule, "after": "0d"}, AS_OF + 9, leads=[{"lead_id": "L", "created_at": AS_OF + 9}]) == 0


def test_sequence_is_strict_at_both_ends() -> None:
    rule: Row = {
        "kind": "sequence",
        "first": {"activity": "email_clicked"},
        "then": {"activity": "page_viewed"},
    }
    rule |= {"within": "1h", "points": 4, "half_life": "1d"}
    assert made(rule, activities=[did(DAY, "email_clicked"), did(DAY)]) == 0
    assert made(rule, activities=[did(DAY + 3600, "email_clicked"), did(DAY)]) == 0
    assert made(rule, activities=[did(DAY + 3599, "email_clicked"), did(DAY), did(9)]) == 2000


def test_engaged_colleagues() -> None:
    rule: Row = {"kind": "engaged_colleagues", "within": "1d", "at_least": 2, "points": 15}
    leads: list[Row] = [{"lead_id": id_, "account_id": "a"} for id_ in "LMN"]
    leads[2]["created_at"] = AS_OF + 1
    activities = [did(5, lead_id="M"), did(5, lead_id="N"), did(5, lead_id="L")]
    assert made(rule, leads=leads, activities=activities) == 15_000
    assert made(rule, leads=leads, activities=activities[:2]) == 0
    bands = {**rule, "bands": [{"at_least": 0, "points": 2}]}
    assert made(bands, leads=leads) == 2000
    assert made(bands) == 0


def test_bands_of_measures_and_fields() -> None:
    three = [did(0), did(DAY), did(DAY, properties={"path": "/y"})]
    bands = [{"below": 2, "points": -1}, {"from": 2, "below": 3, "points": 2}, {"from": 3, "points": 3}]

    def of(asked: Row, bands: list[Row] = bands) -> int:
        return made({"kind": "bands", "input": {"activity": "page_viewed", **asked}, "bands": bands}, activities=three)

    assert of({"count": True}) == 3000
    assert of({"distinct_days": True}) == 2000
    assert of({"faded": "1d"}) == 2000  # 1 + 0.5 + 0.5
    assert of({"faded": "1d"}, [{"from": Decimal("2.001"), "points": 1}]) == 0
    assert of({"days_since": True}) == -1000
    assert of({"days_since": True, "where": {"path": "/y"}}, [{"from": 1, "below": 2, "points": 9}]) == 9000
    assert of({"days_since": True, "where": {"path": "x"}}, [{"known": False, "points": 7}]) == 7000
    rule = {"kind": "bands", "input": {"field": "job_title"}, "bands": [{"known": False, "points": -4}]}
    assert made(rule) == -4000


def test_bands_2d() -> None:
    first = {"input": {"field": "employees"}, "bands": [{"below": 10}, {"from": 10}]}
    second = {
        "input": {"activity": "page_viewed", "count": True},
        "bands": [{"below": 1}, {"from": 1, "below": 2}],
    }
    rule = {"kind": "bands_2d", "first": first, "second": second, "points": [[1, 2], [3, 4]]}
    leads = [{"lead_id": "L", "employees": 10}]
    assert [made(rule, leads=leads, activities=[did(1)] * n) for n in (0, 1, 2)] == [3000, 4000, 0]
    assert made(rule) == 0
