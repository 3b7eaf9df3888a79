"""What activities were about: learned from where it tells, bounded in number, and said where some is left out."""

from typing import Any

import numpy as np
import pyarrow as pa

from tests.engine.learning.made import AT, DAY, NOW, engine
from vaglio.document import dump, loads
from vaglio.learning.candidates import Choice, candidates
from vaglio.learning.coded import coded
from vaglio.learning.known import Known, Said
from vaglio.learning.learn import Asked, learn
from vaglio.learning.suggest import proposals, proposed
from vaglio.learning.terms import Floats
from vaglio.learning.wheres import ALL, EACH, abouts
from vaglio.learning.write import rounded
from vaglio.plan import Facts
from vaglio.scoring import score_rows

DECLARED: dict[str, Any] = {"activities": {"viewed": {"path": "string"}, "sent": {"form": "string"}}}
LEADS = 300


def made(made_in: Any) -> tuple[Facts, dict[str, float]]:
    """Leads of whom half saw prices and half the blog, as often; the first come out well six times as often."""
    drawn = np.random.default_rng(4)
    leads, acts, became = [], [], {}
    for n in range(LEADS):
        who, prices = f"l{n:03}", n % 2 == 0
        leads.append({"lead_id": who, "account_id": None, "created_us": NOW - 60 * DAY})
        became[who] = float(drawn.random() < (0.6 if prices else 0.1))
        page = f"/{'Pricing' if n % 4 else 'pricing'}/p{n % 7}" if prices else f"/blog/post{n}"
        acts += [
            {"lead_id": who, "activity_type": "viewed", "occurred_us": NOW - (k + 1) * DAY, "p_path": page, "p_form": None}
            for k in range(2)
        ]
        acts.append({"lead_id": who, "activity_type": "sent", "occurred_us": NOW - DAY, "p_path": None, "p_form": "contact"})
    return Facts(leads=made_in.load("w_leads", pa.Table.from_pylist(leads, pa.schema(
        {"lead_id": pa.string(), "account_id": pa.string(), "created_us": pa.int64()}
    ))), activities=made_in.load("w_acts", pa.Table.from_pylist(acts))), became  # fmt: skip


def test_a_document_learns_by_the_pages_that_were_seen_and_scores_by_them_exactly() -> None:
    made_in = engine()
    facts, became = made(made_in)

    def labels(ids: Any) -> Floats:
        return np.array([became[each] for each in ids])

    found = learn(made_in, DECLARED, facts, AT, labels, Asked("logistic", "m"))
    text = dump(found.document)
    assert "starts_with" in text and "path: string" in text and "form: string" not in text and found.auc > 0.7
    assert loads(text) == found.document
    terms = rounded(found.terms)
    bands = coded(made_in, DECLARED, terms.inputs, facts, AT)
    rows = {row["lead_id"]: row for row in score_rows(made_in, found.document, facts, AT)}
    got = [rows[lead]["profile_millipoints"] + rows[lead]["engagement_millipoints"] for lead in bands.lead_ids]
    began = int((found.document.profile.intercept + found.document.engagement.intercept) * 1000) - round(terms.intercept * 1000)
    assert got == (np.round(terms.log_odds(bands.codes) * 1000).astype(int) + began).tolist()
    told, _notes = proposals(made_in, DECLARED, facts, AT, labels, Choice())
    document = proposed(made_in, DECLARED, facts, AT, labels, told, "p")
    assert "where" in dump(document) and len(score_rows(made_in, document, facts, AT)) == LEADS


def told(done: dict[str, dict[str, list[Said]]]) -> Known:
    return Known([], np.zeros(0), pa.table({}), done)


def test_they_are_bounded_and_what_is_left_out_is_said() -> None:
    many = [Said(f"form {n}", 100, 90 - n) for n in range(50)]
    done = {f"type{n}": {"form": many} for n in range(10)}
    found, notes = abouts(told(done), done)
    assert len(found) == ALL and len({each.name for each in found}) == ALL
    assert {each.where["form"] for each in found} <= {f"form {n}" for n in range(EACH)}
    assert "type0: of 50 values of form, the 4 commonest are looked at" in notes
    assert f"of {10 * EACH} things that activities were about, the {ALL} commonest are looked at" in notes
    inputs, _notes = candidates({"activities": done}, told(done), Choice(drop=frozenset({"type3"})))
    assert not [each for each in inputs if each.source.get("activity") == "type3"]


def test_what_nearly_all_or_hardly_any_say_is_no_input() -> None:
    done = {"sent": {"form": [Said("contact", 990, 300), Said("demo", 10, 9)]}, "seen": {"form": [Said(None, 50, 40)]}}
    assert abouts(told(done), done) == ([], [])


def test_paths_that_begin_alike_are_one_and_a_folder_is_no_address_of_a_file() -> None:
    said = [Said("/blog/a", 50, 40), Said("/Blog", 20, 20), Said("/", 90, 80), Said("/price?x=1", 30, 30), Said("elsewhere", 1, 1)]
    found, _notes = abouts(told({"seen": {"path": said}}), ["seen"])
    assert [(each.name, each.where) for each in found] == [
        ("seen_path_root", {"path": "/"}), ("seen_path_blog", {"path": {"starts_with": "/blog"}}),
        ("seen_path_price", {"path": {"starts_with": "/price"}}),
    ]  # fmt: skip
