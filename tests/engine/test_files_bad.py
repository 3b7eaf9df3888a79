"""Every way a file can be wrong has its message."""

import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError
from vaglio.files import ColumnMap, Needs, Paths, read_facts, write_rejected

TYPED = Needs(fields={"n": "integer", "x": "number", "b": "boolean", "d": "date"}, no_value=("Select",))
PLAIN = Needs(fields={"t": "string"})


@pytest.fixture(scope="module")
def engine():
    made = DuckDBEngine(threads=1)
    yield made
    made.close()


def write(folder: Path, content: str | bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def error(engine, path, needs=PLAIN, *, columns=(), strict=False) -> DataError:
    with pytest.raises(DataError) as caught:
        read_facts(engine, Paths(path), needs, ColumnMap.parse(columns), strict=strict)
    return caught.value


def set_aside(engine, path, needs=PLAIN, columns=()):
    loaded = read_facts(engine, Paths(path), needs, ColumnMap.parse(columns))
    ids = engine.raw.execute(engine.typed_sql(loaded.facts.leads.select("lead_id"))).fetchall()
    rejected = [(row["row"], row["column"], row["reason"]) for row in loaded.rejected.to_pylist()]
    return [each[0] for each in ids], rejected


NOT_FILES = {
    "binary.csv": (bytes(range(256)) * 40, "file_binary", "is not text: it holds control characters throughout"),
    "empty.csv": (b"", "file_empty", "is empty"),
    "leads.xlsx": (b"PK\x03\x04", "file_ending_unknown", "ends in neither .csv nor .parquet"),
    "sheet.csv": (b"PK\x03\x04rest", "file_not_csv", "is a spreadsheet or an archive (ZIP), though its name says CSV"),
    "parquet.csv": (b"PAR1....PAR1", "file_not_csv", "is a Parquet file, though its name says CSV"),
    "csv.parquet": (b"lead_id\n1\n", "file_not_parquet", "is not a Parquet file, though its name says so"),
    "cut.parquet": (b"PAR1" + b"x" * 99, "file_damaged", "is a damaged Parquet file: its end is missing or unreadable"),
    "lies.parquet": (b"PAR1" + b"x" * 99 + b"PAR1", "file_damaged", "is a damaged Parquet file: its end is missing or unreadable"),
    "latin.csv": ("lead_id,città\n1,2\n".encode("latin-1"), "file_encoding", ": row 1, the column names, is not UTF-8"),
    "blank.csv": (b"\n\nlead_id\n1\n", "file_empty", "has no column names: its first row is blank"),
    "mark.csv": (b"\xef\xbb\xbf", "file_empty", "has no column names: its first row is blank"),
    "quote.csv": (b'lead_id,"t\n1,2\n', "file_quote_open", ": a quote opened in row 1 is never closed"),
}


@pytest.mark.parametrize("name", NOT_FILES)
def test_what_is_no_table(engine, tmp_path, name):
    content, code, message = NOT_FILES[name]
    path = write(tmp_path, content, name)
    found = error(engine, path)
    assert (found.code, found.message.removeprefix(str(path)).strip()) == (code, message.strip())
    assert found.hint
    assert found.table == "leads"


def test_missing_file_and_folder(engine, tmp_path):
    assert error(engine, tmp_path / "no.csv").message == f"{tmp_path}/no.csv does not exist"
    folder = tmp_path / "x.csv"
    folder.mkdir()
    assert error(engine, folder).message == f"{folder} is a folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(engine, tmp_path):
    path = write(tmp_path, "lead_id\n1\n")
    path.chmod(0)
    assert error(engine, path).code == "file_unreadable"


def test_a_million_columns_are_refused_at_once(engine, tmp_path):
    path = write(tmp_path, ",".join(f"c{n}" for n in range(1_000_000)) + "\n")
    began = time.perf_counter()
    found = error(engine, path)
    assert found.message == f"{path} has more than 5,000 columns"
    assert time.perf_counter() - began < 2


def test_only_a_header_is_no_rows(engine, tmp_path):
    assert set_aside(engine, write(tmp_path, "lead_id,t\n")) == ([], [])


def test_values_that_do_not_fit(engine, tmp_path):
    text = "lead_id,n,x,b,d\nok,5.0,1,1,2026-01-01\n"
    bad = ["n,5.5,1,1,2026-01-01", "x,5,nan,1,2026-01-01", "i,5,inf,1,2026-01-01", "b,5,1,maybe,2026-01-01", "d,5,1,1,01/02/2026",
           "h,5,1,1,2026-02-30", "e,5,1e999,1,2026-01-01", "l,99999999999999999999,1,1,2026-01-01", "s,Select,,Select,Select"]  # fmt: skip
    ids, rejected = set_aside(engine, write(tmp_path, text + "\n".join(bad)), TYPED)
    assert ids == ["ok", "s"]
    number = "is not a number; write 1234.56, or name the format in --columns, as :1.234,56"
    assert rejected == [
        (3, "n", WHOLE), (4, "x", number), (5, "x", number), (6, "b", "is neither yes nor no"), (7, "d", DATE), (8, "d", DATE),
        (9, "x", number), (10, "n", WHOLE),
    ]  # fmt: skip


WHOLE = "is not a whole number; write 1234, or name the format in --columns, as :1.234,56"
DATE = "is not a date of the years 1000 to 9999; write 2026-01-31 or 2026-01-31T09:30:00Z, or name the format in --columns"


@pytest.mark.parametrize(
    ("dates", "format_"),
    [
        (("1790000000", "1790000000000", "-99999999999", "1e18"), ":unix"),
        (("1790000000000", "1790000000000000", "-99999999999999", "1e300"), ":unix_ms"),
        (("14/05/2026", "14/05/26", "14/05/0999", "14/05/0"), ":%d/%m/%Y"),
        (("9999-12-31T23:59Z", "9999-12-31T23:59-01:00", "1000-01-01T00:00+01:00", "0001-01-01"), ""),
    ],
)
def test_a_date_in_a_wrong_unit_or_format_is_none(engine, tmp_path, dates, format_):
    path = write(tmp_path, "lead_id,when\n" + "".join(f"{n},{date}\n" for n, date in enumerate(dates, 1)))
    ids, rejected = set_aside(engine, path, Needs(fields={"when": "date"}), [f"leads.when=when{format_}"])
    assert ids == ["1"]
    assert rejected == [(row, "when", DATE) for row in (3, 4, 5)]


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMPTZ", "DATE", "TIMESTAMP_S", "TIMESTAMP_MS"])
@pytest.mark.parametrize("statistics", [True, False])
def test_a_column_of_dates_may_hold_what_is_none(engine, tmp_path, kind, statistics):
    dates = ["2026-05-14", "0026-05-14", "20260-05-14", "infinity", "-infinity", "44-03-15 (BC)"]
    for name, column in (("leads", "created_at"), ("activities", "occurred_at")):
        rows = ", ".join(f"('1', 'a', '{date}'::{kind})" for date in dates)
        path = tmp_path / f"{name}.parquet"
        made = f"SELECT row_number() OVER ()::VARCHAR AS lead_id, col1 AS activity_type, col2 AS {column} FROM (VALUES {rows})"
        engine.raw.execute(f"COPY ({made}) TO '{path}' (FORMAT parquet)")
        pq.write_table(pq.read_table(path), path, write_statistics=statistics)
    paths = Paths(tmp_path / "leads.parquet", activities=tmp_path / "activities.parquet")
    loaded = read_facts(engine, paths, Needs(activity_types=frozenset({"a"})))
    told = [(row["column"], row["row"], row["reason"]) for row in loaded.rejected.to_pylist()]
    assert told == [(column, row, DATE) for column in ("created_at", "occurred_at") for row in (2, 3, 4, 5, 6)]
    assert engine.raw.execute(engine.typed_sql(loaded.facts.activities)).fetchall() == [("1", "a", 1_778_716_800_000_000)]


@pytest.mark.parametrize(
    ("kind", "format_", "good", "bad"),
    [
        ("number", "1.234,56", {"1.234,56": 1234.56, " -1.234.567 ": -1234567.0, "12,5": 12.5, "1234,": 1234.0, "7": 7.0},
         ["1,234.56", "1.23", "12.34,5", "1.234.5", "1e3", "€ 5", ",5", "1,2,3"]),
        ("number", "1,234.56", {"1,234.56": 1234.56, "+12.5": 12.5, "1234": 1234.0}, ["1.234,56", "1,23", "1.2.3"]),
        ("integer", "1.234,56", {"1.234": 1234, "12,00": 12, "-5": -5}, ["1,5", "1.23", "99.999.999.999.999.999.999"]),
        ("integer", "1,234.56", {"1,234": 1234, "12.0": 12}, ["1.234", "1,2345"]),
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are_said_to_be_written(engine, tmp_path, kind, format_, good, bad):
    cells = [*good, *bad, "", "Select"]
    path = write(tmp_path, "lead_id;n\n" + "".join(f"{place};{text}\n" for place, text in enumerate(cells)))
    columns = ColumnMap.parse([f"leads.n=n:{format_}"])
    loaded = read_facts(engine, Paths(path), Needs(fields={"n": kind}, no_value=("Select",)), columns)
    read = engine.raw.execute(engine.typed_sql(loaded.facts.leads.select("lead_id", "f_n"))).fetchall()
    assert [number for _lead, number in read] == [*good.values(), None, None]
    assert [row["row"] for row in loaded.rejected.to_pylist()] == [2 + len(good) + place for place in range(len(bad))]


def test_the_history_of_a_number_is_written_as_it_is_said_to_be(engine, tmp_path):
    path = write(tmp_path, "lead_id;n;t\n1;1;a\n")
    changes = write(
        tmp_path, "lead_id;field;value;known_at\n1;n;1.234,5;2026-01-01\n1;t;1.234,5;2026-01-01\n1;n;1,234.5;2026-01-01\n", "c.csv"
    )
    needs = Needs(fields={"n": "number", "t": "string"})
    columns = ColumnMap.parse(["field_changes.value=value:1.234,56"])
    loaded = read_facts(engine, Paths(path, field_changes=changes), needs, columns)
    read = engine.raw.execute(engine.typed_sql(loaded.facts.field_changes.select("field", "text", "number"))).fetchall()
    assert read == [("n", "1.234,5", 1234.5), ("t", "1.234,5", None)]
    assert [row["row"] for row in loaded.rejected.to_pylist()] == [4]


def test_only_a_number_is_written_as_one(engine, tmp_path):
    path = write(tmp_path, "lead_id,t\n1,a\n")
    found = error(engine, path, columns=["t=t:1.234,56"])
    assert (found.code, found.message) == ("columns_invalid", "t is declared string; only a number can be written 1.234,56")


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("lead.created_at=When", "is of a table 'lead', and the tables are leads, accounts,"),
        ("leads.created_att=When", "says what 'created_att' is, which nothing reads; the column of leads is called 'created_at'"),
        ("create_at=When", "which nothing reads; the column of leads is called 'created_at'"),
    ],
)
def test_what_is_said_of_no_column_is_refused(engine, tmp_path, mapping, said):
    path = write(tmp_path, "lead_id,t,When\n1,a,2026-01-01\n")
    found = error(engine, path, columns=[mapping])
    assert found.code == "columns_invalid" and said in found.message, found.message


def test_a_table_that_is_none_is_refused_in_a_file_too(engine, tmp_path):
    mapping = write(tmp_path, "leeds:\n  created_at: When\n", "columns.yaml")
    found = error(engine, write(tmp_path, "lead_id,t,When\n1,a,2026-01-01\n"), columns=[str(mapping)])
    assert "is of a table 'leeds'" in found.message


def test_what_other_models_read_may_be_said_of_their_columns(engine, tmp_path):
    path = write(tmp_path, "lead_id,t,When,Region 2\n1,a,2026-01-01,x\n")
    columns = ["created_at=When", "region_2=Region 2", "account=t", "accounts.industry=Sector", "activities.lead_id=who"]
    assert set_aside(engine, path, columns=columns) == (["1"], [])


def test_a_column_is_said_in_other_letters(engine, tmp_path):
    path = write(tmp_path, "lead_id,t,When\n1,a,2026-01-31\n2,a,never\n")
    ids, rejected = set_aside(engine, path, columns=["leads.Created_At=When"])
    assert (ids, rejected) == (["1"], [(3, "created_at", DATE)])


def test_two_columns_that_are_both_said_to_be_one_are_refused(engine, tmp_path):
    path = write(tmp_path, "id,key,t\n1,2,a\n")
    found = error(engine, path, columns=["lead_id=id", "lead_id=key"])
    assert found.message == f"{path} has both columns that --columns says are 'lead_id': 'lead_id=id' and 'lead_id=key'"


def test_where_every_column_is_something_else_too_the_closest_are_shown(engine, tmp_path):
    path = write(tmp_path, "lead_id,n,x\n1,2,3\n")
    found = error(engine, path, Needs(fields={"n": "integer", "x": "number", "nn": "integer"}))
    assert found.hint.startswith("columns that look closest: 'n'") and "<column of nn>" in found.hint


def test_ids_and_malformed_rows_keep_their_numbers(engine, tmp_path):
    path = write(tmp_path, b'lead_id,t\n1,"a\nb"\n2\n1,again\n3,x,y\n4,caf\xe9\n  ,blank\n5,n\0l\n6,"q"x\n7,ok\n')
    ids, rejected = set_aside(engine, path)
    assert ids == ["1", "7"]
    assert rejected == [
        (3, "", "has too few cells"), (4, "lead_id", "is a duplicate of an earlier row"), (5, "", "has too many cells"),
        (6, "", "is not UTF-8"), (7, "lead_id", "is empty"), (8, "", "holds a NUL character"), (9, "", "has text after a closing quote"),
    ]  # fmt: skip


def test_a_bad_row_does_not_make_a_later_one_a_duplicate(engine, tmp_path):
    ids, rejected = set_aside(engine, write(tmp_path, "lead_id,n\n1,x\n1,2\n1,3\n"), Needs(fields={"n": "integer"}))
    assert ids == ["1"]
    assert [row[0] for row in rejected] == [2, 4]


def test_an_open_quote_stops(engine, tmp_path):
    found = error(engine, path := write(tmp_path, 'lead_id,t\n1,a\n2,"b\n3,c\n'))
    assert (found.code, found.row) == ("file_quote_open", 3)
    assert found.message == f"{path}: a quote opened in row 3 is not closed where its cell ends"


@pytest.mark.parametrize("row", ['1,"CE"O"', '1,"5" disk"', '1," ""a"" b" c', '1,"a"b,"c"d"'])
def test_a_quote_inside_a_cell_costs_its_row_only(engine, tmp_path, row):
    ids, rejected = set_aside(engine, write(tmp_path, f'lead_id,t\n0,x\n{row}\n2,"b"\n3,c\n4,"d"\n'))
    assert ids == ["0", "2", "3", "4"]
    assert rejected == [(3, "", "has text after a closing quote")]


@pytest.mark.parametrize("row", ['1,"CE"O,"10', '1,"" a","x', '1,"a" b, "10', '1,"CE,10\n5,"x"'])
def test_a_quote_that_takes_in_later_rows_stops(engine, tmp_path, row):
    """DuckDB shows the row before it as the one that is bad, and says nothing of the rows that are gone."""
    found = error(engine, write(tmp_path, f'lead_id,t,n\n0,x,1\n{row}\n2,"b",2\n3,c,3\n4,"d",4\n'))
    assert (found.code, found.row) == ("file_quote_open", 3)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "mark"])
def test_rows_set_aside_are_shown_as_the_file_has_them(engine, tmp_path, start, delimiter):
    content = ('lead_id,n,t\na1,"1,5",x\na2,"say ""no""","a\r\nb"\na3,1,CEO \xe8,10\na4,\xe9,2\na5,2,x\n'
               .replace(",", delimiter).encode("latin-1"))  # fmt: skip
    loaded = read_facts(engine, Paths(write(tmp_path, start + content)), Needs(fields={"n": "integer", "t": "string"}))
    texts = [row["text"] for row in loaded.rejected.to_pylist()]
    wanted = ['a1,"1,5",x', 'a2,"say ""no""","a\r\nb"', r"a3,1,CEO \xe8,10", r"a4,\xe9,2"]
    assert texts == [each.replace(",", delimiter) for each in wanted]


@pytest.mark.parametrize("said", ["sep=;", "SEP=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_excels_own_mark_of_the_delimiter_is_read(engine, tmp_path, said, end, encoding):
    lines = (said, "lead_id;n", "1;5", "2;x", "3;4;5", "4;6", ";1", "")
    ids, rejected = set_aside(engine, write(tmp_path, end.join(lines).encode(encoding)), Needs(fields={"n": "integer"}))
    assert ids == ["1", "4"]
    assert rejected == [(4, "n", WHOLE), (5, "", "has too many cells"), (7, "lead_id", "is empty")]


def test_a_mark_says_a_delimiter_that_the_names_have_less_of(engine, tmp_path):
    ids, _rejected = set_aside(engine, write(tmp_path, "sep=^\nlead_id^a,b,c^t\n1^x^y\n"))
    assert ids == ["1"]


@pytest.mark.parametrize(
    ("above", "row"),
    [("Export of leads 2026\n", 2), ("Export of leads 2026\n\n", 3), ("Leads;;\n;;\n", 3), ("Leads, of all\nmade today\n\n", 4)],
)
@pytest.mark.parametrize("names", ["lead_id;t;n", "Prospect ID;t;n"])
def test_names_below_a_title_are_pointed_at(engine, tmp_path, above, row, names):
    found = error(engine, path := write(tmp_path, f"{above}{names}\n1;CEO;\n"))
    if names.startswith("lead_id") or not above.startswith("Leads, "):
        assert found.message == f"{path} has not the columns 'lead_id', 't'"
        assert (found.row, found.hint) == (row, f"its column names seem to be in row {row}, not in the first: delete the rows above them")
    else:
        assert "its other columns are" in found.hint  # nothing says that these are no names


def test_strict_stops_at_the_first(engine, tmp_path):
    path = write(tmp_path, "lead_id,n\n1,2\n2,two\n3,three\n")
    found = error(engine, path, Needs(fields={"n": "integer"}), strict=True)
    assert (found.code, found.row, found.column) == ("row_bad", 3, "n")
    assert found.message == f"{path}, row 3, column 'n': {WHOLE} (2,two)"


def test_when_every_row_is_bad_the_commonest_reason_is_named(engine, tmp_path):
    path = write(tmp_path, "lead_id,created_at\n1,31/01/2026\n2,30/01/2026\n,2026-01-01\n")
    found = error(engine, path, Needs())
    assert found.message.startswith(f"{path}: every row is bad; 2 of 3: column 'created_at' is not a date")
    assert found.hint == "the first is row 2: 1,31/01/2026"


def test_missing_columns_are_listed_at_once(engine, tmp_path):
    path = write(tmp_path, "Prospect,Numbers\n1,2\n")
    found = error(engine, path, Needs(fields={"number": "integer", "zzz": "string"}))
    assert found.message == f"{path} has not the columns 'lead_id', 'number', 'zzz'"
    assert "'Prospect', 'Numbers'" in found.hint
    assert '--columns "leads.number=Numbers"' in found.hint
    assert '--columns "leads.zzz=<column of zzz>"' in found.hint


@pytest.mark.parametrize(
    ("headings", "name", "guess"),
    [
        ("Prospect ID,Lead Number,Lead Quality", "lead_id", "Prospect ID"), ("seller,mql_id,seller_id", "lead_id", "mql_id"),
        ("paid,personID,Id", "lead_id", "personID"), ("paid,valid,content_type", "lead_id", "<column of lead_id>"),
        ("content_type,minutes,email", "country", "<column of country>"), ("Do Not E-mails", "do_not_email", "Do Not E-mails"),
    ],
)  # fmt: skip
def test_a_column_is_proposed_only_where_it_is_called_almost_so(engine, tmp_path, headings, name, guess):
    """Whoever copies the line loses all rows by a wrong one."""
    path = write(tmp_path, f"{headings}{',lead_id' if name != 'lead_id' else ''}\n")
    found = error(engine, path, Needs(fields={} if name == "lead_id" else {name: "string"}))
    assert found.hint.endswith(f'--columns "leads.{name}={guess}"')


def test_columns_alike_need_a_word(engine, tmp_path):
    path = write(tmp_path, "lead_id,Lead Source,LeadSource\n1,a,b\n")
    needs = Needs(fields={"lead_source": "string"})
    found = error(engine, path, needs)
    assert found.message == f"{path}: the columns 'Lead Source' and 'LeadSource' could both be 'lead_source'"
    assert set_aside(engine, path, needs, ["lead_source=LeadSource"]) == (["1"], [])


@pytest.mark.parametrize("text", ["lead_id", "=x", "lead_id=", "no/such.yaml"])
def test_columns_that_say_nothing(text):
    with pytest.raises(DataError) as caught:
        ColumnMap.parse([text])
    assert caught.value.code == "columns_invalid"


def test_a_format_that_is_none(engine, tmp_path):
    path = write(tmp_path, "lead_id,created_at\n1,2\n")
    assert error(engine, path, Needs(), columns=["created_at=created_at:%Q"]).message == "'%Q' in --columns is no date format"


def test_a_mapped_column_that_is_not_there(engine, tmp_path):
    path = write(tmp_path, "Lead Number\n1\n")
    found = error(engine, path, Needs(), columns=["leads.lead_id=Lead Nummer"])
    assert found.message == f"{path} has no column 'Lead Nummer', which --columns 'leads.lead_id=Lead Nummer' names"
    assert found.hint == "the file's columns that look closest: 'Lead Number'"


def test_a_mapped_column_in_no_file(engine, tmp_path):
    path = write(tmp_path, "lead_id,Created On\n1,2026-01-01\n")
    found = error(engine, path, Needs(), columns=["created_at=Created Om"])
    assert found.message == "no file has the column 'Created Om', which --columns 'created_at=Created Om' names"


def test_parquet_activities_are_judged_too(engine, tmp_path):
    leads = write(tmp_path, "lead_id\n1\n")
    path = tmp_path / "activities.parquet"
    pq.write_table(pa.table({
        "lead_id": ["1", None, "", "1"], "activity_type": ["a", "a", "a", " "],
        "occurred_at": pa.array([1, 2, 3, 4], pa.timestamp("ms")), "x": [1.5, 1.0, 1.0, 1.0],
    }), path)  # fmt: skip
    needs = Needs(properties={"x": "number"}, activity_types=frozenset({"a"}))
    loaded = read_facts(engine, Paths(leads, activities=path), needs)
    assert [(row["row"], row["column"]) for row in loaded.rejected.to_pylist()] == [(2, "lead_id"), (3, "lead_id"), (4, "activity_type")]
    sql = engine.typed_sql(loaded.facts.activities)
    assert engine.raw.execute(sql).fetchall() == [("1", "a", 1_000, 1.5)]
    with pytest.raises(DataError, match="row 2"):
        read_facts(engine, Paths(leads, activities=path), needs, strict=True)


def test_a_parquet_column_of_the_wrong_type(engine, tmp_path):
    path = tmp_path / "leads.parquet"
    pq.write_table(pa.table({"lead_id": ["1"], "created_at": [5]}), path)
    assert error(engine, path, Needs()).message == f"{path}: the column 'created_at' is BIGINT, but created_at must be date"


def test_rejected_rows_are_written_safely(engine, tmp_path):
    path = write(tmp_path, "lead_id,n\n=cmd(),x\n2,2\n")
    loaded = read_facts(engine, Paths(path), Needs(fields={"n": "integer"}))
    written = write_rejected(loaded.rejected, tmp_path / "out.csv")
    assert written == tmp_path / "out.csv.rejected.csv"
    assert written.read_text() == f'file,row,column,reason,text\n{path},2,n,"{WHOLE}","\'=cmd(),x"\n'
    assert write_rejected(loaded.rejected.slice(0, 0), tmp_path / "out.csv") is None
    assert not written.exists()


def test_a_column_without_a_name_is_told_by_its_place(engine, tmp_path):
    loaded = read_facts(engine, Paths(write(tmp_path, "lead_id,t,,extra\n1,x,,2\n")), PLAIN)
    assert loaded.summary.ignored_columns["leads"] == ("column 3 (without a name)", "extra")


def test_a_list_member_is_a_lead_or_an_account(engine, tmp_path):
    (tmp_path / "leads.csv").write_text("lead_id\nL1\n")
    (tmp_path / "lists.csv").write_text("list,member_type,member_id\nvip,Lead,L1\nvip,contact,L1\nvip,,L1\nvip, account ,A1\n")
    needed = Needs(lists=frozenset({"vip"}))
    loaded = read_facts(engine, Paths(tmp_path / "leads.csv", lists=tmp_path / "lists.csv"), needed, ColumnMap.parse([]))
    assert engine.arrow(loaded.facts.lists).column("member_type").to_pylist() == ["lead", "account"]
    assert [(row["row"], row["reason"]) for row in loaded.rejected.to_pylist()] == [(3, "is none of lead, account"), (4, "is empty")]


@pytest.mark.parametrize(
    "name", ["file_row_number", "File_Row_Number", "vaglio 0", "VAGLIO 1", "fault", "position", "rowid", "cells", "rows"]
)
def test_a_column_may_be_called_as_the_reader_calls_its_own(engine, tmp_path, name):
    leads = tmp_path / "leads.parquet"
    pq.write_table(pa.table({"lead_id": ["1", "", "2"], "title": ["x", "x", "y"], name: ["2", "2", "2"]}), leads)
    path = tmp_path / "activities.parquet"
    pq.write_table(pa.table({
        "lead_id": ["1", None, "2", ""], "activity_type": ["a"] * 4, "occurred_at": pa.array([1, 2, 3, 4], pa.timestamp("ms")),
        name: ["2", "2", "1", "1"],
    }), path)  # fmt: skip
    for since, known, bad in ((None, ["1", "2"], [2, 4]), (2_000, ["2"], [4])):
        loaded = read_facts(engine, Paths(leads, activities=path), Needs({"title": "string"}, activity_types=frozenset({"a"})), since=since)
        assert engine.arrow(loaded.facts.activities).column("lead_id").to_pylist() == ["1", "2"]
        assert engine.arrow(loaded.facts.leads).select(["lead_id", "f_title"]).to_pylist() == [
            {"lead_id": "1", "f_title": "x"}, {"lead_id": "2", "f_title": "y"},
        ]  # fmt: skip
        assert [row["row"] for row in loaded.rejected.to_pylist()] == [2, *bad]
        assert loaded.recent is None or engine.arrow(loaded.recent).column("lead_id").to_pylist() == known
