"""Giving out what is stored of a person: every value of hers that stands in any table, and why she is rated so."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.server.imports.test_imports import marta  # noqa: F401
from tests.server.privacy.test_erasing import MAIL, hits, plant
from tests.server.world import AT, audited, leads, make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def said(texts: Any) -> set[str]:
    """Return every value of hers in some texts, in small letters."""
    return {found for text in texts for found in re.findall(r"[\w.@-]*canary[\w.@-]*", text.lower())}


def given() -> Any:
    from vaglio_server.privacy.actions import give_out
    from vaglio_server.privacy.queries import person_of

    return give_out(person=person_of(email=MAIL), by="ada", at=NOW)


def test_what_was_won_is_given_out_with_its_currency(tables: Any) -> None:
    from vaglio_server.crm.actions import Became, record_outcome
    from vaglio_server.privacy.actions import told_to
    from vaglio_server.privacy.queries import person_of

    send(make_source(), {"type": "identify", "userId": "anna", "traits": {"email": MAIL}})
    record_outcome(lead=leads()[MAIL], became=Became("won", AT, None, Decimal("7.50"), "CHF"), by="files", at=NOW)
    (won,) = told_to(person=person_of(email=MAIL), by="ada", at=NOW)["crm_leadoutcome"]
    assert (won["value"], won["currency"]) == (Decimal("7.50"), "CHF")


def test_every_value_of_hers_in_any_table_is_in_the_file(marta: Any) -> None:  # noqa: F811
    make_live()
    plant(marta)
    made = given()
    files = zipfile.ZipFile(io.BytesIO(made.file))
    told = files.read("person.json").decode()
    # What searches need is no value: words in parts, hashes. Requests hold hers as they were written. What a colleague asks for is theirs.
    stored = [row for table, row in hits() if table not in ("crm_leadwords", "imports_import", "views_savedview")]
    missing = said(stored) - said([told, told.replace("\\u002d", "-")])
    assert not {each for each in missing if not each.startswith("u002d")}, missing
    tables = json.loads(told)
    assert {"crm_lead", "crm_contact", "crm_note", "tracking_activity", "forms_submission", "scoring_score", "requests", "trail",
            "explanations", "lifecycle_conversion", "campaigns_campaignmember"} <= set(tables)  # fmt: skip
    assert "bob@nest.example" not in told
    assert (made.tables, made.rows) == (len(tables), sum(map(len, tables.values())))
    for name, rows in tables.items():
        lines = list(csv.reader(io.StringIO(files.read(f"{name}.csv").decode("utf-8-sig"))))
        assert len(lines) == len(rows) + 1 and lines[0] == list(dict.fromkeys(key for row in rows for key in row))
    assert ("ada", f"lead:{tables['crm_lead'][0]['id']}") in audited("give_out_person")


def test_the_lines_of_an_explanation_are_its_score(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Lead

    make_live()
    plant(marta)
    told = json.loads(zipfile.ZipFile(io.BytesIO(given().file)).read("person.json"))
    lead = Lead.objects.present().get(pk=told["explanations"][0]["lead_id"])
    assert sum(line["millipoints"] for line in told["explanations"] if line["axis"] == "profile") == lead.profile_millipoints
    assert all(line["sentence"] for line in told["explanations"])


def test_what_is_given_is_the_same_to_the_byte(marta: Any) -> None:  # noqa: F811
    from vaglio_server.privacy.actions.giving import _zipped
    from vaglio_server.privacy.queries import person_of, told_of

    make_live()
    plant(marta)
    assert _zipped(told_of(person_of(email=MAIL), NOW)) == _zipped(told_of(person_of(email=MAIL), NOW))
