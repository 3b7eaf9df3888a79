"""Kind `fields`: the first band whose condition holds."""

from tests.engine.rules.score import AS_OF, DAY, Row, at, millipoints

SIZE = "kind: fields, field: employees, points: 10, bands: [{from: 50, below: 500, award: 100%}, {from: 500, award: 33.35%}]"


def given(rule: str, **fields: object) -> int | None:
    return millipoints(rule, leads=[{"lead_id": "L", **fields}])


def test_bands_are_half_open() -> None:
    # 10 points; 33.35 % of 10 is 3.335
    assert [given(SIZE, employees=number) for number in (49, 50, 499, 500)] == [0, 10_000, 10_000, 3_335]


def test_no_value_gives_nothing_and_costs_nothing() -> None:
    assert given(SIZE, employees=None) == 0


def test_the_first_band_wins_though_a_later_one_is_worth_more() -> None:
    rule = "kind: fields, field: job_title, bands: [{any_word: sales, points: 1}, {any_word: director, points: 9}]"
    assert given(rule, job_title="Director of Sales") == 1_000
    assert given(rule, job_title="DIRECTOR, IT") == 9_000


def test_words_are_folded_and_whole() -> None:
    rule = "kind: fields, field: job_title, points: 4, bands: [{any_word: geschaftsfuhrer, award: 100%}]"
    assert given(rule, job_title="Geschäftsführer / CEO") == 4_000
    assert given(rule, job_title="Obergeschäftsführer") == 0


def test_a_share_of_a_millipoint_is_rounded_half_away_from_zero() -> None:
    rule = "kind: fields, field: employees, points: %s, bands: [{from: 1, award: 50%%}]"
    assert given(rule % "0.001", employees=1) == 1  # 0.5 of a millipoint
    assert given(rule % "-0.001", employees=1) == -1
    assert given(rule % "0.005", employees=1) == 3  # 2.5


def test_a_band_without_award_gives_the_whole_rule_and_points_are_absolute() -> None:
    rule = "kind: fields, field: employees, points: 8, bands: [{from: 100}, {from: 10, points: -2.5}]"
    assert [given(rule, employees=number) for number in (100, 10)] == [8_000, -2_500]


def test_no_value_words_count_as_empty() -> None:
    rule = "kind: fields, field: job_title, bands: [{known: false, points: -1}, {known: true, points: 1}]"
    assert [given(rule, job_title=text) for text in (" select ", "", "  ", None, "selected")] == [-1_000] * 4 + [1_000]


def test_not_negates_a_missing_value_too() -> None:
    rule = "kind: fields, points: 3, bands: [{not: {field: job_title, equals: ceo}}]"
    assert [given(rule, job_title=text) for text in ("CEO", "cto", None)] == [0, 3_000, 3_000]


def test_a_date_of_exactly_that_age_is_older() -> None:
    rule = "kind: fields, field: signed_on, bands: [{older_than: 30d, points: 1}, {newer_than: 30d, points: 2}]"
    assert given(rule, signed_on=at(30 * DAY)) == 1_000
    assert given(rule, signed_on=at(30 * DAY - 1)) == 2_000
    assert given(rule, signed_on=AS_OF + 1) == 2_000  # in the future: newer than anything


def test_it_reads_the_account_as_it_was_known() -> None:
    rule = "kind: fields, field: account.size, points: 5, bands: [{from: 10}]"
    leads: list[Row] = [{"lead_id": "L", "account_id": "acme"}]
    change: Row = {"subject": "account", "id": "acme", "field": "size", "value": 10, "known_at": at(DAY)}
    accounts: list[Row] = [{"account_id": "acme", "size": 10}]
    assert millipoints(rule, leads=leads, accounts=accounts) == 5_000
    assert millipoints(rule, leads=leads, accounts=accounts, field_changes=[change]) == 5_000
    assert millipoints(rule, leads=leads, accounts=accounts, field_changes=[change], known_at=at(DAY) - 1) == 0
    assert millipoints(rule, leads=[{"lead_id": "L"}], accounts=accounts) == 0
