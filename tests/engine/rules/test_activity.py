"""Kind `activity`: points for every matching activity, each faded and rounded by itself."""

from tests.engine.rules.score import DAY, HOUR, MINUTE, Row, at, did, millipoints

PAGE = "kind: activity, activity: page_viewed"


def test_each_activity_counts() -> None:
    activities = [did(0), did(DAY), did(400 * DAY), did(1, "email_clicked"), did(1, lead_id="M")]
    assert millipoints(f"{PAGE}, points: 2", activities=activities) == 6_000


def test_an_age_of_exactly_within_is_outside() -> None:
    activities = [did(0), did(DAY - 1), did(DAY)]
    assert millipoints(f"{PAGE}, points: 1, within: 1d", activities=activities) == 2_000


def test_parts_of_a_second_are_cut_off_the_age() -> None:
    rule = f"{PAGE}, points: 1, within: 1d"
    assert millipoints(rule, activities=[did(DAY - 0.000001)]) == 1_000  # 86,399.999999 s is 86,399
    assert millipoints(f"{PAGE}, points: 1, within: 1s", activities=[did(0.999999)]) == 1_000
    assert millipoints(f"{PAGE}, points: 1, within: 1s", activities=[did(1)]) == 0


def test_the_future_does_not_count_yet() -> None:
    assert millipoints(f"{PAGE}, points: 1", activities=[did(-0.000001), did(0)]) == 1_000


def test_a_half_life_halves_each_and_rounds_ties_away_from_zero() -> None:
    activities = [did(DAY), did(DAY)]
    assert millipoints(f"{PAGE}, points: 0.001, half_life: 1d", activities=activities) == 2  # 0.5 + 0.5, each up
    assert millipoints(f"{PAGE}, points: -0.001, half_life: 1d", activities=activities) == -2
    assert millipoints(f"{PAGE}, points: 0.003, half_life: 1d", activities=[did(DAY)]) == 2  # 1.5
    assert millipoints(f"{PAGE}, points: 0.005, half_life: 1d", activities=[did(DAY)]) == 3  # 2.5: not to even
    assert millipoints(f"{PAGE}, points: 0.001, half_life: 1d", activities=[did(DAY + 1)]) == 0


def test_the_pricing_page_of_the_founding_design() -> None:
    # 10 now; 10 · 2^(-7/14) = 7.0710…; 10 · 2^(-28/14) = 2.5
    activities = [did(0), did(7 * DAY), did(28 * DAY)]
    assert millipoints(f"{PAGE}, points: 10, half_life: 14d", activities=activities) == 10_000 + 7_071 + 2_500


def test_a_value_close_to_a_tie_is_rounded_to_its_own_side() -> None:
    # 13000 · 2^(-47409/604800) = 12312.500015…: what has fewer than nine places falls below.
    assert millipoints(f"{PAGE}, points: 13, half_life: 7d", activities=[did(47_409)]) == 12_313


def test_the_longest_half_life_hardly_fades() -> None:
    # 1 now; 2^(-400/36525) = 0.99243…
    assert millipoints(f"{PAGE}, points: 1, half_life: 36525d", activities=[did(0), did(400 * DAY)]) == 1_000 + 992


def test_fade_falls_evenly_to_nothing() -> None:
    rule = f"{PAGE}, points: 0.003, fade: 2d"
    assert millipoints(rule, activities=[did(DAY)]) == 2  # 1.5
    assert millipoints(rule, activities=[did(2 * DAY)]) == 0
    assert millipoints(f"{PAGE}, points: 8, fade: 4d", activities=[did(0), did(DAY), did(3 * DAY)]) == 8_000 + 6_000 + 2_000


def test_once_per_week_starts_on_monday() -> None:
    rule = f"{PAGE}, points: 1, once_per: week"
    # AS_OF is Monday 2 March 00:00, itself the first instant of a week.
    sunday, monday_before = 1, 7 * DAY
    assert millipoints(rule, activities=[did(0), did(sunday)]) == 2_000
    assert millipoints(rule, activities=[did(sunday), did(monday_before)]) == 1_000
    assert millipoints(rule, activities=[did(monday_before), did(monday_before + 0.000001)]) == 2_000


def test_once_per_keeps_the_largest_of_each_period() -> None:
    rule = f"{PAGE}, points: 8, half_life: 1d, once_per: "
    # 1 h and 2 h ago (both Sunday 1 March), 25 h ago (Saturday): 8·2^(-1/24), 8·2^(-2/24), 8·2^(-25/24)
    activities = [did(2 * HOUR), did(HOUR), did(25 * HOUR)]
    assert millipoints(rule + "day", activities=activities) == 7_772 + 3_886
    assert millipoints(rule + "ever", activities=activities) == 7_772
    assert millipoints(rule + "hour", activities=activities) == 7_772 + 7_551 + 3_886
    half_hours = [did(30 * MINUTE), did(45 * MINUTE), did(60 * MINUTE)]
    assert millipoints(f"{PAGE}, points: 1, once_per: hour", activities=half_hours) == 1_000  # all in 23:00 – 24:00


def test_once_per_keeps_the_largest_loss() -> None:
    rule = f"{PAGE}, points: -8, half_life: 1d, once_per: ever"
    assert millipoints(rule, activities=[did(DAY), did(2 * DAY)]) == -4_000


def test_once_per_property_folds_and_no_value_is_one_period() -> None:
    rule = f"{PAGE}, points: 1, once_per: {{property: path}}"
    paths = ["/A", "/a", "/b", None, "", "Select"]
    assert millipoints(rule, activities=[did(0, path=path) for path in paths]) == 3_000


def test_where_reads_properties() -> None:
    activities = [did(1, path=path, minutes=5) for path in ("/Pricing/EU", "/docs", None)]
    assert millipoints(f"{PAGE}, points: 1, where: {{path: {{starts_with: /pricing}}}}", activities=activities) == 1_000
    assert millipoints(f"{PAGE}, points: 1, where: {{path: /DOCS, minutes: {{from: 5}}}}", activities=activities) == 1_000
    assert millipoints(f"{PAGE}, points: 1, where: {{not: {{path: /docs}}}}", activities=activities) == 2_000


def test_what_arrives_late_counts_from_then_on() -> None:
    late: list[Row] = [did(10 * DAY, received=DAY)]
    assert millipoints(f"{PAGE}, points: 1", activities=late) == 1_000
    assert millipoints(f"{PAGE}, points: 1", activities=late, known_at=at(DAY)) == 1_000
    assert millipoints(f"{PAGE}, points: 1", activities=late, known_at=at(DAY) - 1) == 0


def test_a_late_machine_mark_repairs_the_score_from_then_on() -> None:
    marked = [did(10 * DAY, is_machine=True, machine_known=DAY), did(10 * DAY)]
    assert millipoints(f"{PAGE}, points: 1", activities=marked) == 1_000
    assert millipoints(f"{PAGE}, points: 1", activities=marked, known_at=at(DAY)) == 1_000
    assert millipoints(f"{PAGE}, points: 1", activities=marked, known_at=at(DAY) - 1) == 2_000
    assert millipoints(f"{PAGE}, points: 1", activities=[did(10 * DAY, is_machine=True)], known_at=at(5 * DAY)) == 0


def test_one_message_is_one_activity() -> None:
    twice = [did(DAY, message_id="m"), did(DAY, message_id="m", received=HOUR), did(DAY), did(DAY)]
    assert millipoints(f"{PAGE}, points: 1", activities=twice) == 3_000  # those without an id stay two


def test_the_cap_bounds_either_sign() -> None:
    activities = [did(0)] * 5
    assert millipoints(f"{PAGE}, points: 3, at_most: 7.5", activities=activities) == 7_500
    assert millipoints(f"{PAGE}, points: -3, at_most: 7.5", activities=activities) == -7_500
