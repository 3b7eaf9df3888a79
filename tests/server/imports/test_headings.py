"""Columns as other systems and people call them."""

import json

import pytest

from tests.real import real
from vaglio_server.crm.logic.standard import LEAD_OWNER, TAKEN, shipped
from vaglio_server.imports.logic.fact_headings import MEMBER_OF, OUTCOME_OF, proposed_fact
from vaglio_server.imports.logic.guessing import holds
from vaglio_server.imports.logic.headings import (
    EXTERNAL_ID,
    FIELD_OF,
    OWNER,
    plain,
    proposed,
    proposed_company,
    proposed_doing,
    system_of,
)

SALESFORCE = [
    "Lead ID",
    "First Name",
    "Last Name",
    "Title",
    "Company / Account",
    "Email",
    "Phone",
    "Mobile",
    "Street",
    "City",
    "State/Province",
    "Zip/Postal Code",
    "Country",
    "Industry",
    "No. of Employees",
    "Lead Source",
    "Lead Owner",
    "Lead Status",
    "Rating",
]
HUBSPOT = [
    "Record ID",
    "First Name",
    "Last Name",
    "Email",
    "Phone Number",
    "Contact owner",
    "Job Title",
    "Company name",
    "Lifecycle Stage",
    "Original Source",
]
DYNAMICS = [
    "(Do Not Modify) Lead",
    "(Do Not Modify) Row Checksum",
    "(Do Not Modify) Modified On",
    "Name",
    "Topic",
    "Job Title",
    "Company Name",
    "Business Phone",
    "Mobile Phone",
    "Email",
    "No. of Employees",
]
PIPEDRIVE = [
    "Person - ID",
    "Person - Name",
    "Person - Email - Work",
    "Person - Phone - Work",
    "Person - Organization",
    "Person - Job title",
]
ITALIAN = [
    "Nome",
    "Cognome",
    "Indirizzo e-mail",
    "Ragione sociale",
    "Ruolo",
    "Numero di dipendenti",
    "Città",
    "Provincia",
    "CAP",
    "Cellulare",
    "Settore",
]
ROMANIAN = [
    "Prenume",
    "Nume",
    "Adresă de e-mail",
    "Companie",
    "Funcție",
    "Număr de angajați",
    "Oraș",
    "Județ",
    "Cod poștal",
    "Telefon",
    "Domeniu",
]


@pytest.mark.parametrize(
    ("headings", "system", "fields"),
    [
        (
            SALESFORCE,
            "salesforce",
            [
                EXTERNAL_ID,
                "first_name",
                "last_name",
                "job_title",
                "company",
                "email",
                "phone",
                "mobile_phone",
                "street",
                "city",
                "state",
                "postal_code",
                "country",
                "industry",
                "employees",
                "lead_source",
                "owner",
                "lead_status",
                None,
            ],
        ),
        (
            HUBSPOT,
            "hubspot",
            [
                EXTERNAL_ID,
                "first_name",
                "last_name",
                "email",
                "phone",
                "owner",
                "job_title",
                "company",
                "lifecycle_stage",
                "lead_source",
            ],
        ),
        (
            DYNAMICS,
            "dynamics",
            [
                EXTERNAL_ID,
                None,
                None,
                "name",
                "topic",
                "job_title",
                "company",
                "phone",
                "mobile_phone",
                "email",
                "employees",
            ],
        ),
        (PIPEDRIVE, "pipedrive", [EXTERNAL_ID, "name", "email", "phone", "company", "job_title"]),
        (
            ITALIAN,
            "file",
            [
                "first_name",
                "last_name",
                "email",
                "company",
                "job_title",
                "employees",
                "city",
                "state",
                "postal_code",
                "mobile_phone",
                "industry",
            ],
        ),
        (
            ROMANIAN,
            "file",
            ["first_name", "last_name", "email", "company", "job_title", "employees", "city", "state", "postal_code", "phone", "industry"],
        ),
    ],
    ids=["salesforce", "hubspot", "dynamics", "pipedrive", "italian", "romanian"],
)
def test_exports_need_no_mapping_by_hand(headings: list[str], system: str, fields: list[str | None]) -> None:
    assert system_of(headings) == system
    assert proposed(headings, TAKEN) == fields


def test_a_name_alone_is_the_whole_name() -> None:
    assert proposed(["Nume", "Email"], TAKEN) == ["name", "email"]


def test_an_account_manager_beside_the_owner_is_a_field_of_its_own() -> None:
    assert proposed(["Email", "Proprietario", "Account Manager"], TAKEN) == ["email", "owner", "account_manager"]


def test_a_bare_id_says_who_somebody_is_only_in_an_export() -> None:
    assert proposed(["ID", "Email"], TAKEN) == [None, "email"]
    assert proposed(["Prospect ID", "Email"], TAKEN) == [EXTERNAL_ID, "email"]
    assert proposed(["Id", "Email", "HasOptedOutOfEmail"], TAKEN)[0] == EXTERNAL_ID


def test_a_field_is_there_once_and_what_we_added_is_left_out() -> None:
    assert proposed(["Email", "E-mail", "Vaglio: line", "Vaglio: reason", "Owner", "", "1st"], TAKEN) == [
        "email",
        None,
        None,
        None,
        "owner",
        None,
        "st",
    ]


def test_every_word_is_one_of_a_field_there_is_and_of_no_other() -> None:
    assert set(FIELD_OF.values()) == {EXTERNAL_ID, OWNER, *shipped("lead")} - {"is_suspicious", LEAD_OWNER}
    assert all(plain(said) == said for said in FIELD_OF)


def test_headings_seen_in_exports_name_a_person() -> None:
    """The headings that public code and fixtures read; see the data's README."""
    found = json.loads(real("export_headers/headers.json").read_text(encoding="utf-8"))
    wanted = {
        "hubspot_contacts_export": ("hubspot", {"external_id", "first_name", "last_name", "email", "phone"}),
        "salesforce_lead_report": ("salesforce", {"first_name", "last_name", "company", "email", "phone", "lead_source"}),
        "salesforce_lead_api": (
            "salesforce",
            {"external_id", "first_name", "last_name", "email", "job_title", "employees", "postal_code", "lead_source"},
        ),
        "dynamics365_leads_export": ("dynamics", {"external_id", "first_name", "last_name", "email", "job_title", "phone", "state"}),
        "pipedrive_export": ("pipedrive", {"name", "company", "email", "phone", "job_title"}),
    }
    for name, (system, fields) in wanted.items():
        headings = found[name]["columns"]
        assert system_of(headings) == system, name
        assert fields <= set(proposed(headings, TAKEN)), name


@pytest.mark.parametrize(
    ("headings", "kind", "system", "columns"),
    [
        ("Record ID,Deal Name,Deal Stage,Close Date,Amount,Deal owner,Associated Contact IDs", "outcomes", "hubspot",
         [None, None, "outcome", "occurred_at", "value", None, EXTERNAL_ID]),
        ("Deal - ID,Deal - Stage,Deal - Value,Deal - Status,Deal - Won time,Deal - Lost time,Deal - Lost reason,Person - Email (Work)",
         "outcomes", "pipedrive", [None, None, "value", "outcome", "won_at", "lost_at", "reason", "email"]),
        ("E-mail,Fase,Stato,Data chiusura", "outcomes", "file", ["email", None, "outcome", "occurred_at"]),
        ("Opportunity Name,Stage,Close Date,Contact: Email", "outcomes", "file", [None, "outcome", "occurred_at", "email"]),
        ("Record ID,Company name,Company Domain Name,Company owner,Create Date,Industry,Number of Employees", "companies", "hubspot",
         [None, "name", "domain", None, None, "industry", "employees"]),
        ("Record ID,Company name,Website URL,Company owner,Create Date", "companies", "hubspot", [None, "name", "domain", None, None]),
        ("Organization - ID,Organization - Name,Organization - Owner,Organization - Web site", "companies", "pipedrive",
         [None, "name", None, "domain"]),
        ("Denumire companie,Site web,Domeniu de activitate,Număr angajați", "companies", "file",
         ["name", "domain", "industry", "employees"]),
        ("Adresă e-mail,Tip activitate,Data", "activities", "file", ["email", "activity_type", "occurred_at"]),
        ("Indirizzo e-mail,Tipo attività,Data", "activities", "file", ["email", "activity_type", "occurred_at"]),
        ("Indirizzo e-mail,Elenco", "members", "file", ["email", "list"]),
        ("Adresă de e-mail,Listă", "members", "file", ["email", "list"]),
    ],
)  # fmt: skip
def test_files_of_every_kind_are_known_by_their_headings(headings: str, kind: str, system: str, columns: list[str | None]) -> None:
    named = headings.split(",")
    field_of = {"outcomes": OUTCOME_OF, "members": MEMBER_OF}
    proposals = {"companies": lambda: proposed_company(named, shipped("account")), "activities": lambda: proposed_doing(named)}
    found = proposals.get(kind, lambda: proposed_fact(named, field_of[kind]))()
    assert (holds(named), system_of(named), found) == (kind, system, columns)


def test_a_record_id_names_a_person_where_the_file_is_of_people() -> None:
    assert holds(["Record ID", "Email", "Company name"]) == "leads"
    assert proposed_fact(["Record ID", "Email", "Lifecycle Stage", "Close Date"], OUTCOME_OF)[0] == EXTERNAL_ID
