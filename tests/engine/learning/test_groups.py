"""Fields that are refused are looked at all the same: whether others tell them, and what each group gets."""

from typing import Any

import numpy as np
import pyarrow as pa

from tests.engine.learning.made import AT, DAY, NOW, engine
from vaglio.learning.learn import Asked, Learned, learn
from vaglio.plan import Facts
from vaglio.report.bands import test_words as band_words

DECLARED: dict[str, Any] = {
    "fields": {
        "gender": "string",
        "age": "integer",
        "magazine": "string",
        "budget": "integer",
        "first_name": "string",
        "date_of_birth": "date",
    }
}
LEADS = 800


def learned(allow: frozenset[str] = frozenset()) -> Learned:
    """Leads whose magazine tells their gender, of whom men come out well more often; their age tells nothing and is told by nothing.

    What they can spend tells when they were born.
    """
    drawn = np.random.default_rng(8)
    man = drawn.random(LEADS) < 0.5
    reads = np.where(drawn.random(LEADS) < 0.9, man, ~man)
    budget = drawn.integers(1, 60, LEADS)
    became = drawn.random(LEADS) < 0.15 + 0.3 * man + 0.3 * (budget > 30)
    ids = [f"l{n:03}" for n in range(LEADS)]
    made_in = engine()
    leads = pa.table({
        "lead_id": ids, "account_id": pa.nulls(LEADS, pa.string()), "created_us": pa.array([NOW - 1] * LEADS, pa.int64()),
        "f_gender": ["m" if each else "f" for each in man], "f_age": pa.array(drawn.integers(20, 60, LEADS), pa.int64()),
        "f_magazine": ["motors" if each else "gardens" for each in reads], "f_budget": pa.array(budget, pa.int64()),
        "f_first_name": ["Kim"] * LEADS, "f_date_of_birth": pa.array(NOW - (20 + budget) * 365 * DAY, pa.int64()),
    })  # fmt: skip
    facts = Facts(leads=made_in.load("g_leads", leads))
    of = dict(zip(ids, became.astype(float), strict=True))
    return learn(made_in, DECLARED, facts, AT, lambda who: np.array([of[each] for each in who]), Asked("logistic", "m", allow=allow))


def test_a_proxy_of_what_was_refused_is_named_with_the_gap_it_makes() -> None:
    found = learned()
    by = {(each.field, str(each.test.get("in"))): each for each in found.groups}
    man, woman = by["gender", "['m']"], by["gender", "['f']"]
    assert not man.is_used and man.tells == "a gender" and man.leads + woman.leads == LEADS
    assert man.auc is not None and 0.85 < man.auc < 0.95
    assert [name for name, _auc in man.proxies] == ["magazine"]
    assert man.low > 0 > woman.high and abs(man.gap + woman.gap) < 1e-9 and man.low < man.gap < man.high
    assert man.best > woman.best and woman.best_low < woman.best < woman.best_high
    ages = [each for each in found.groups if each.field == "age"]
    assert len(ages) == 4 and all(each.auc is not None and 0.4 < each.auc < 0.6 and not each.proxies for each in ages)
    assert all(each.low < 0 < each.high for each in ages)
    assert "first_name" not in {each.field for each in found.groups}
    assert any(text.startswith("used inputs tell gender") and "magazine" in text for text in found.notes)


def test_a_date_of_birth_is_looked_at_in_four_groups() -> None:
    found = learned()
    born = [each for each in found.groups if each.field == "date_of_birth"]
    assert len(born) == 4 and sum(each.leads for each in born) == LEADS
    assert all(each.tells == "an age" and not each.is_used for each in born)
    assert all(each.auc is not None and each.auc > 0.9 for each in (born[0], born[3]))
    assert [name for name, _auc in born[0].proxies] == ["budget"] and born[0].gap > 0 > born[3].gap
    assert band_words(born[0].test).startswith("below 19") and band_words(born[3].test).endswith("and more")
    assert any(text.startswith("used inputs tell date_of_birth") and "budget" in text for text in found.notes)


def test_a_field_that_was_let_through_is_no_proxy_of_itself() -> None:
    man = next(each for each in learned(frozenset({"gender"})).groups if each.field == "gender")
    assert man.is_used and "gender" not in dict(man.proxies) and abs(man.gap) > 3
