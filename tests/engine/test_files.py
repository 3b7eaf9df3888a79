"""Good files become facts; results become files."""

import warnings
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.real import real
from vaglio.dates import parse_instant
from vaglio.demo import make
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError
from vaglio.files import ColumnMap, Needs, Paths, look, read_facts, write_table
from vaglio.text import snake_case

NEEDS = Needs(
    fields={"title": "string", "employees": "integer", "score": "number", "is_open": "boolean", "since": "date"},
    account_fields={"segment": "string"},
    properties={"path": "string", "minutes": "integer"},
    activity_types=frozenset({"page_viewed", "webinar"}),
    no_value=("Select",),
)


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(threads=1)
    yield made
    made.close()


def rows(engine, table):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return engine.arrow(table).to_pylist()


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_cells_become_values(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", (
        "lead_id,account_id,created_at,Title,employees,score,is_open,since\n"
        "1,A,2026-01-31,Head of Sales,5.0,1e3,YES,2026-01-31 09:30 +02:00\n"
        "2,,,,Select,,select, \n"
        "3,B,2026-01-31T09:30:00.25Z,\" x\", 7 ,-.5,0,2026-01-31T09:30:00z\n"
    ))  # fmt: skip
    found = rows(engine, read_facts(engine, Paths(leads), NEEDS).facts.leads)
    assert found == [
        {"lead_id": "1", "account_id": "A", "created_us": parse_instant("2026-01-31"), "f_title": "Head of Sales", "f_employees": 5,
         "f_score": 1000.0, "f_is_open": 1, "f_since": parse_instant("2026-01-31T07:30:00Z")},
        {"lead_id": "2", "account_id": None, "created_us": None, "f_title": None, "f_employees": None, "f_score": None,
         "f_is_open": None, "f_since": None},
        {"lead_id": "3", "account_id": "B", "created_us": parse_instant("2026-01-31T09:30:00.25Z"), "f_title": " x", "f_employees": 7,
         "f_score": -0.5, "f_is_open": 0, "f_since": parse_instant("2026-01-31T09:30:00Z")},
    ]  # fmt: skip


@pytest.mark.parametrize("text", [
    "2026-01-31", "2026-01-31T09:30", "2026-01-31 09:30:15", "2026-01-31T09:30:15.5Z", "2026-01-31T09:30+0530", "2026-01-31T09:30-03:30",
    "2026-01-31 09:30:15 Z", "2026-01-31T09:30z", "2026-01-31T09:30+05", " 2026-01-31 ", "2026-01-31T09:30:15.123456+05:30",
])  # fmt: skip
def test_an_instant_means_what_python_says(engine, tmp_path, text):
    leads = write(tmp_path, "leads.csv", f"lead_id,created_at\n1,{text}\n")
    assert rows(engine, read_facts(engine, Paths(leads), Needs()).facts.leads)[0]["created_us"] == parse_instant(text)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_encodings(engine, tmp_path, delimiter, encoding):
    text = 'lead_id,title\r\n1,"Caffè, München"\r\n'.replace(",", delimiter)
    leads = write(tmp_path, "leads.csv", text.encode(encoding))
    found = rows(engine, read_facts(engine, Paths(leads), Needs(fields={"title": "string"})).facts.leads)
    assert found[0]["f_title"] == "Caffè, München".replace(",", delimiter)


def test_utf16_big_endian(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", b"\xfe\xff" + "lead_id\nä\n".encode("utf-16-be"))
    assert rows(engine, read_facts(engine, Paths(leads), Needs()).facts.leads)[0]["lead_id"] == "ä"


def test_unneeded_is_ignored_and_counted(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", "lead_id,shoe size\n1,43\n")
    activities = write(tmp_path, "activities.csv", (
        "lead_id,activity_type,occurred_at,path,minutes,color\n"
        "1,page_viewed,2026-01-01,/a,3,red\n2,page_viewed,2026-01-03,/a,3,red\n1,yawned,2026-01-02,/a,many,red\n"
    ))  # fmt: skip
    needs = Needs(properties={"path": "string", "minutes": "integer"}, activity_types=frozenset({"page_viewed"}))
    loaded = read_facts(engine, Paths(leads, activities=activities), needs)
    summary = loaded.summary
    assert summary.rows == {"leads": 1, "activities": 3}
    assert summary.ignored_columns == {"leads": ("shoe size",), "activities": ("color",)}
    assert summary.ignored_activity_types == {"yawned": 1}
    assert (summary.orphan_activities, summary.rejected_rows) == (1, 0)
    assert summary.newest_activity_us == parse_instant("2026-01-03")
    assert engine.raw.execute(f'SELECT "shoe size" FROM "{loaded.raw_leads}"').fetchall() == [("43",)]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_activity_types_in_words_are_read_as_the_service_calls_them(engine, tmp_path, ending):
    leads = write(tmp_path, "leads.csv", "lead_id\n1\n")
    activities = write(tmp_path, "activities.csv", (
        "lead_id,Event,occurred_at,minutes\n1,Page Viewed,2026-01-01,3\n1,pageViewed,2026-01-02,4\n1,page_viewed,2026-01-03,many\n"
        "1,Signed Out,2026-01-04,many\n1,Città,2026-01-04,3\n1,会社,2026-01-04,3\n1,…,2026-01-05,3\n1,,2026-01-05,3\n"
    ))  # fmt: skip
    if ending == "parquet":
        engine.raw.execute(f"COPY (FROM read_csv('{activities}', all_varchar = true)) TO '{tmp_path}/activities.parquet'")
    paths = Paths(leads, activities=tmp_path / f"activities.{ending}")
    needs = Needs(properties={"minutes": "string" if ending == "parquet" else "integer"}, activity_types=frozenset({"page_viewed"}))
    loaded = read_facts(engine, paths, needs, ColumnMap.parse(["activity_type=Event:name"]))
    read = [(row["activity_type"], row["occurred_us"]) for row in rows(engine, loaded.facts.activities)]
    good = [("page_viewed", parse_instant(f"2026-01-0{day}")) for day in ((1, 2, 3) if ending == "parquet" else (1, 2))]
    assert [row for row in read if row[0] == "page_viewed"] == good
    assert loaded.summary.ignored_activity_types == {"signed_out": 1, "citta": 1, "xn_6oq404h": 1} and not loaded.summary.written_in_words
    told = [(row["column"], row["reason"].partition(";")[0]) for row in loaded.rejected.to_pylist()]
    bad = [] if ending == "parquet" else [("minutes", "is not a whole number")]
    assert told == [*bad, ("activity_type", "is empty"), ("activity_type", "is empty")]


def test_what_would_be_read_if_types_in_words_were_is_said(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", "lead_id\n1\n")
    activities = write(tmp_path, "activities.csv", "lead_id,activity_type,occurred_at\n1,Page Viewed,2026-01-01\n1,Signed Out,2026-01-01\n")
    loaded = read_facts(engine, Paths(leads, activities=activities), Needs(activity_types=frozenset({"page_viewed"})))
    assert loaded.summary.written_in_words == {"Page Viewed": "page_viewed"}


def test_only_types_of_activities_are_read_as_names(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", "lead_id,t\n1,Chief Officer\n")
    with pytest.raises(DataError, match="t is no type of activities; only activity_type is read as a name"):
        read_facts(engine, Paths(leads), Needs(fields={"t": "string"}), ColumnMap.parse(["t=t:name"]))


def test_history_holds_each_value_as_its_field_does(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", "lead_id,employees,worth\n1,5,1\n")
    changes = write(tmp_path, "changes.csv", (
        "lead_id,account_id,field,value,known_at\n1,,employees,7,2026-01-01\n,A,account.segment,big,2026-01-02\n"
        "1,,mood,sunny,2026-01-01\n1,,account_id,B,2026-01-03\n1,,employees,lots,2026-01-01\n1,A,employees,1,2026-01-01\n"
        "1,,worth,2.5,2026-01-01\n1,,employees,9007199254740993,2026-01-02\n"
    ))  # fmt: skip
    needs = Needs(fields={"employees": "integer", "worth": "number"}, account_fields={"segment": "string"})
    loaded = read_facts(engine, Paths(leads, field_changes=changes), needs)
    day = [parse_instant(f"2026-01-0{n}") for n in (1, 2, 3)]
    of_lead = {"subject": "lead", "id": "1"}
    assert rows(engine, loaded.facts.field_changes) == [
        of_lead | {"field": "employees", "text": "7", "number": None, "whole": 7, "known_us": day[0]},
        {"subject": "account", "id": "A", "field": "segment", "text": "big", "number": None, "whole": None, "known_us": day[1]},
        of_lead | {"field": "account_id", "text": "B", "number": None, "whole": None, "known_us": day[2]},
        of_lead | {"field": "worth", "text": "2.5", "number": 2.5, "whole": None, "known_us": day[0]},
        of_lead | {"field": "employees", "text": "9007199254740993", "number": None, "whole": 9007199254740993, "known_us": day[1]},
    ]
    assert [(row["row"], row["column"], row["reason"]) for row in loaded.rejected.to_pylist()] == [
        (6, "value", "does not fit the type of its field"), (7, "lead_id", "and account_id are both filled"),
    ]  # fmt: skip


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_blank_id_of_a_company_or_a_message_is_none(engine, tmp_path, ending):
    """Else all leads with a space there would be colleagues, and their activities copies of one message."""
    blank = [" ", "\t ", "", "A1"]
    tables = {
        "leads": {"lead_id": ["L0", "L1", "L2", "L3"], "account_id": blank},
        "activities": {
            "lead_id": ["L0"] * 4, "activity_type": ["webinar"] * 4, "occurred_at": ["2026-01-01"] * 4, "message_id": blank,
        },
        "changes": {
            "lead_id": ["L0"] * 4, "field": ["account_id"] * 3 + ["title"], "value": [*blank[:3], " "], "known_at": ["2026-01-01"] * 4,
        },
    }  # fmt: skip
    for name, columns in tables.items():
        duckdb.from_arrow(pa.table(columns)).write_parquet(f"{tmp_path}/{name}.parquet")
        duckdb.from_arrow(pa.table(columns)).write_csv(f"{tmp_path}/{name}.csv")
    paths = Paths(
        *(tmp_path / f"{name}.{ending}" for name in ("leads",)),
        None,
        *(tmp_path / f"{name}.{ending}" for name in ("activities", "changes")),
    )
    needs = Needs(fields={"title": "string"}, activity_types=frozenset({"webinar"}))
    facts = read_facts(engine, paths, needs, ColumnMap.parse(["leads.title=lead_id"])).facts
    found = [[row[column] or None for row in rows(engine, table)] for table, column in (
        (facts.leads, "account_id"), (facts.activities, "message_id"), (facts.field_changes, "text"),
    )]  # fmt: skip
    assert found == [[None, None, None, "A1"], [None, None, None, "A1"], [None, None, None, " "]]


@pytest.mark.parametrize("kind", ["parquet"])
def test_csv_and_parquet_give_the_same_facts(engine, tmp_path, kind):
    needs = Needs(
        fields={"job_title": "string", "employees": "integer", "is_suspicious": "boolean"}, account_fields={"employees": "number"},
        properties={"path": "string", "minutes": "integer"}, activity_types=frozenset({"page_viewed", "webinar_attended"}),
    )  # fmt: skip
    names = ("leads", "accounts", "activities", "field_changes", "lists", "outcomes")
    found = []
    for each in ("csv", kind):
        make(tmp_path / each, leads=200, format=each)
        loaded = read_facts(engine, Paths(*(tmp_path / each / f"{name}.{each}" for name in names)), needs, strict=True)
        facts = loaded.facts
        activities = facts.activities.filter(facts.activities.activity_type.isin(sorted(needs.activity_types)))
        tables = [facts.leads, facts.accounts, activities, facts.field_changes, facts.lists, loaded.outcomes]
        summary = loaded.summary
        found.append(([rows(engine, table) for table in tables], summary.rows, summary.newest_activity_us, summary.orphan_activities))
    assert found[0] == found[1]


def test_typed_parquet_ids_and_instants(engine, tmp_path):
    path = tmp_path / "leads.parquet"
    pq.write_table(pa.table({
        "LeadId": pa.array([1.0, 2.0]), "created_at": pa.array([1_000, None], pa.int64()), "score": pa.array([1, 2], pa.int32()),
    }), path)  # fmt: skip
    columns = ColumnMap.parse(["created_at=created_at:unix"])
    found = rows(engine, read_facts(engine, Paths(path), Needs(fields={"score": "number"}), columns).facts.leads)
    assert [(row["lead_id"], row["created_us"], row["f_score"]) for row in found] == [("1", 1_000_000_000, 1.0), ("2", None, 2.0)]


def test_x_education_reads_as_exported(engine):
    needs = Needs(fields={"lead_source": "string", "total_visits": "integer", "total_time_spent_on_website": "integer",
                          "page_views_per_visit": "number"}, no_value=("Select",))  # fmt: skip
    loaded = read_facts(engine, Paths(real("xeducation/Leads.csv")), needs, ColumnMap.parse(["lead_id=Prospect ID"]), strict=True)
    found = rows(engine, loaded.facts.leads)
    assert (len(found), found[1]["f_total_time_spent_on_website"], found[1]["f_page_views_per_visit"]) == (9_240, 674, 2.5)


def test_product_signups_read_as_they_are(engine):
    columns = ColumnMap.parse(["lead_id=object_id", "created_at=creation_time:%d-%m-%Y %H:%M", "account_id=org_id", "lead_id=user_id"])
    paths = Paths(real("product_signups/users.csv"), activities=real("product_signups/engagement.csv"))
    loaded = read_facts(engine, paths, Needs(activity_types=frozenset({"signed_in"})), columns, strict=True)
    first = rows(engine, loaded.facts.leads)[0]
    assert first == {"lead_id": "1", "account_id": "11", "created_us": parse_instant("2014-04-22T03:53")}
    assert loaded.summary.rows == {"leads": 12_000, "activities": 207_917}


def test_column_map_from_yaml(engine, tmp_path):
    mapping = write(tmp_path, "columns.yaml", 'lead_id: Record ID\nleads:\n  title: "Job: Title"\n')
    leads = write(tmp_path, "leads.csv", "Record ID,Job: Title,title\n1,CEO,no\n")
    columns = ColumnMap.parse([str(mapping)])
    assert rows(engine, read_facts(engine, Paths(leads), Needs(fields={"title": "string"}), columns).facts.leads)[0]["f_title"] == "CEO"


def test_contact_id_is_a_lead_id(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", "Contact ID\n1\n")
    assert rows(engine, read_facts(engine, Paths(leads), Needs()).facts.leads)[0]["lead_id"] == "1"


def test_snake_case():
    assert [snake_case(text) for text in ("TotalVisits", "Lead Source", "Page Views Per Visit", "HTTPStatus", "Città")] == [
        "total_visits", "lead_source", "page_views_per_visit", "http_status", "citta"]  # fmt: skip


def test_csv_out_is_safe_for_spreadsheets(engine, tmp_path):
    table = engine.load("result", pa.table({
        "name": ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "\0x", "x=1", None], "n": [-1, 2, 3, 4, 5, 6, 7, 8, 9],
        "at": pa.array([0, 250_000, *[None] * 7], pa.timestamp("us", "UTC")),
    }))  # fmt: skip
    write_table(engine, table, tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_bytes().decode()
    assert text.startswith("name,n,at\n'=1+1,-1,1970-01-01T00:00:00Z\n'+x,2,1970-01-01T00:00:00.250000Z\n'-x,3,\n'@x,4,\n'\tx,5,\n")
    assert '"\'\rx",6,\n' in text
    assert "'\0x" in text
    assert text.endswith("x=1,8,\n,9,\n")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_parquet_out_keeps_everything(engine, tmp_path):
    rows_in = pa.table({"name": ["=1+1", None], "n": [1, 2]})
    write_table(engine, engine.load("result", rows_in), tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == rows_in.to_pylist()


@pytest.mark.parametrize(("name", "code"), [("out.xlsx", "file_ending_unknown"), ("no/out.csv", "file_not_written")])
def test_a_result_needs_a_name_we_know(engine, tmp_path, name, code):
    with pytest.raises(DataError) as caught:
        write_table(engine, engine.load("result", pa.table({"n": [1]})), tmp_path / name)
    assert caught.value.code == code
    assert not list(tmp_path.iterdir())


def test_a_failed_result_leaves_nothing(engine, tmp_path):
    table = engine.load("result", pa.table({"text": ["1", "x"]}))
    with pytest.raises(Exception, match="duckdb"):
        write_table(engine, table.select(n=table.text.cast("int64")), tmp_path / "out.csv")
    assert not list(tmp_path.iterdir())
    assert isinstance(engine.raw, duckdb.DuckDBPyConnection)


COUNTRIES = Needs(fields={"country": "string"}, account_fields={"country": "string"})


def test_a_column_said_to_hold_countries_has_them_in_one_form(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", "lead_id,Nation\n1,Italia\n2,ITA\n3,Itlay\n4,\n5, it \n6,Itlay\n")
    accounts = write(tmp_path, "accounts.csv", "account_id,country\nA,Deutschland\n")
    changes = write(
        tmp_path, "changes.csv",
        "lead_id,account_id,field,value,known_at\n1,,country,Francia,2026-01-01\n,A,country,France,2026-01-01\n",
    )  # fmt: skip
    paths = Paths(leads, accounts, field_changes=changes)
    said = ColumnMap.parse(["leads.country=Nation:country"])
    loaded = read_facts(engine, paths, COUNTRIES, said)
    assert [row["f_country"] for row in rows(engine, loaded.facts.leads)] == ["IT", "IT", "Itlay", None, "IT", "Itlay"]
    assert [row["f_country"] for row in rows(engine, loaded.facts.accounts)] == ["Deutschland"]  # nobody said it of these
    assert [row["text"] for row in rows(engine, loaded.facts.field_changes)] == ["FR", "France"]
    assert loaded.summary.unknown_countries == {"leads": {"Itlay": 2}}
    both = ColumnMap.parse(["leads.country=Nation:country", "accounts.country=country:country"])
    again = read_facts(engine, paths, COUNTRIES, both).facts
    assert [row["f_country"] for row in rows(engine, again.accounts)] == ["DE"]
    assert [row["text"] for row in rows(engine, again.field_changes)] == ["FR", "FR"]
    as_it_is = read_facts(engine, paths, COUNTRIES, ColumnMap.parse(["leads.country=Nation"])).facts
    assert rows(engine, as_it_is.leads)[0]["f_country"] == "Italia"


def test_only_a_text_holds_a_country(engine, tmp_path):
    leads = write(tmp_path, "leads.csv", "lead_id,country\n1,Italia\n")
    with pytest.raises(DataError, match="country is declared integer; only a text can hold a country"):
        read_facts(engine, Paths(leads), Needs(fields={"country": "integer"}), ColumnMap.parse(["country=country:country"]))


def as_bytes(*texts: str | bytes | None) -> pa.Array:
    return pa.array([text.encode() if isinstance(text, str) else text for text in texts], pa.binary())


def test_texts_that_a_parquet_file_holds_as_bytes_are_texts(engine, tmp_path):
    people = {"lead_id": as_bytes("L1", "Lü"), "account_id": as_bytes("A1", " "), "title": as_bytes("Geschäftsführer", "")}
    pq.write_table(pa.table(people), tmp_path / "leads.parquet")
    pq.write_table(pa.table({"account_id": as_bytes("A1"), "segment": as_bytes("größer")}), tmp_path / "accounts.parquet")
    pq.write_table(pa.table({
        "lead_id": as_bytes("Lü"), "activity_type": as_bytes("page_viewed"), "path": as_bytes("/preis/größe"),
        "occurred_at": pa.array([1_000], pa.timestamp("ms")),
    }), tmp_path / "activities.parquet")  # fmt: skip
    pq.write_table(pa.table({
        "lead_id": as_bytes("L1", "L1"), "field": as_bytes("title", "title"), "value": as_bytes("Bürohilfe", b"\xff"),
        "known_at": pa.array([1_000, 2_000], pa.timestamp("ms")),
    }), tmp_path / "field_changes.parquet")  # fmt: skip
    needs = Needs({"title": "string"}, {"segment": "string"}, {"path": "string"}, frozenset({"page_viewed"}))
    tables = ("leads", "accounts", "activities", "field_changes")
    loaded = read_facts(engine, Paths(*(tmp_path / f"{name}.parquet" for name in tables)), needs)
    leads = rows(engine, loaded.facts.leads)
    assert [(row["lead_id"], row["account_id"], row["f_title"]) for row in leads] == [("L1", "A1", "Geschäftsführer"), ("Lü", None, "")]
    assert rows(engine, loaded.facts.accounts) == [{"account_id": "A1", "f_segment": "größer"}]
    (did,) = rows(engine, loaded.facts.activities)
    assert (did["lead_id"], did["activity_type"], did["p_path"]) == ("Lü", "page_viewed", "/preis/größe")
    assert [row["text"] for row in rows(engine, loaded.facts.field_changes)] == ["Bürohilfe"]
    assert [(row["row"], row["reason"]) for row in loaded.rejected.to_pylist()] == [(2, "is not text in UTF-8")]
    assert [row["title"] for row in rows(engine, engine.table(loaded.raw_leads))] == ["Geschäftsführer", ""]
    assert look.activity_types(tmp_path / "activities.parquet").named == {"page_viewed": 1}
    assert look.columns(tmp_path / "leads.parquet")[-1][0] == "title"


def test_bytes_that_are_no_text_are_set_aside_only_where_they_are_read(engine, tmp_path):
    path = tmp_path / "leads.parquet"
    picture = as_bytes(b"\xff\x00", b"\xff", b"\xff")
    pq.write_table(pa.table({"lead_id": as_bytes("1", "2", b"\xff\xfe"), "title": as_bytes("ä", b"\xff", "x"), "picture": picture}), path)
    loaded = read_facts(engine, Paths(path), Needs({"title": "string"}))
    assert [row["lead_id"] for row in rows(engine, loaded.facts.leads)] == ["1"]
    found = [(row["row"], row["column"], row["reason"]) for row in loaded.rejected.to_pylist()]
    assert found == [(2, "title", "is not text in UTF-8"), (3, "lead_id", "is not text in UTF-8")]
    with pytest.raises(DataError, match="is BLOB, but title must be integer"):
        read_facts(engine, Paths(path), Needs({"title": "integer"}))


def test_leads_are_called_alike_in_facts_and_in_their_own_columns(engine, tmp_path):
    pq.write_table(pa.table({"lead_id": [1.0, 2.0], "name": ["a", "b"]}), tmp_path / "leads.parquet")  # whole numbers with gaps elsewhere
    loaded = read_facts(engine, Paths(tmp_path / "leads.parquet"), Needs())
    names = [row["lead_id"] for row in rows(engine, engine.table(loaded.raw_leads))]
    assert names == [row["lead_id"] for row in rows(engine, loaded.facts.leads)] == ["1", "2"]


@pytest.mark.parametrize("sign", "\u0085\u2028\u2029\x0b\x0c\x1c\x1d\x1e")
def test_a_heading_is_cut_where_its_cells_end(engine, tmp_path, sign):
    lines = [f"{number},a,Head" for number in range(100)]
    path = write(tmp_path, "leads.csv", "\n".join([f"lead_id,na{sign}me,title", *lines, ""]))
    loaded = read_facts(engine, Paths(path), Needs({"title": "string"}))
    assert [row["f_title"] for row in rows(engine, loaded.facts.leads)] == ["Head"] * 100
    assert loaded.rejected.num_rows == 0 and loaded.summary.ignored_columns["leads"] == (f"na{sign}me",)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("inside", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_heading_may_hold_other_line_ends_than_the_file(engine, tmp_path, end, inside, mark):
    lines = [f'{number},"a{inside}b",Head' for number in range(100)]
    path = write(tmp_path, "leads.csv", mark + end.join([f'lead_id,"na{inside}me","{inside}title"', *lines, "100,too few", ""]))
    loaded = read_facts(engine, Paths(path), Needs({"title": "string"}))
    assert [row["f_title"] for row in rows(engine, loaded.facts.leads)] == ["Head"] * 100
    assert loaded.summary.ignored_columns["leads"] == (f"na{inside}me",)
    assert [row["reason"] for row in loaded.rejected.to_pylist()] == ["has too few cells"]
    (name,) = (name for name in engine.table(loaded.raw_leads).columns if name.startswith("na"))
    assert {row[name] for row in rows(engine, engine.table(loaded.raw_leads)) if row[name]} >= {f"a{inside}b"}
