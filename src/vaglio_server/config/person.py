"""``vaglio person``: all that is known of one person, to be looked at, given out, or erased."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vaglio_server.config.session import opened

if TYPE_CHECKING:
    from vaglio_server.privacy.queries import Person

COMMAND = "command line"
app = typer.Typer(help="One person: what is known of them, to give out or to erase.", no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="a mail address of theirs")]


@app.command("show")
def show(email: Email) -> None:
    """Say which records are one person's, before anything is done with them.

    Example: vaglio person show anna@acme.example
    """
    with opened():
        from vaglio_server.privacy.queries import person_of

        person = person_of(email=email)
        _print_records(person)


@app.command("give-out")
def give_out(
    email: Email, out: Annotated[Path, typer.Option(help="the file to write, a ZIP; it appears when it is whole")] = Path("person.zip")
) -> None:  # fmt: skip
    """Write everything that is stored of a person into one ZIP: a JSON file, and the same as a CSV file for each table.

    Example: vaglio person give-out anna@acme.example --out anna.zip
    """
    from vaglio.aside import aside, need_place

    need_place(out)
    with opened() as now:
        from vaglio_server.privacy.actions import give_out as given
        from vaglio_server.privacy.queries import person_of

        told = given(person=person_of(email=email), by=COMMAND, at=now)
        with aside(out) as hidden:
            hidden.chmod(0o600)
            hidden.write_bytes(told.file)
    print(f"{out}: {told.rows:,} rows of {told.tables} tables; it is personal data, keep it so")


@app.command("erase")
def erase(email: Email, yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Delete everything that is stored of a person, for good, and do not take them in again.

    Example: vaglio person erase anna@acme.example
    """
    with opened() as now:
        from vaglio_server.privacy.actions import erase as run
        from vaglio_server.privacy.queries import person_of

        person = person_of(email=email)
        _print_records(person)
        if person and not yes:
            typer.confirm("Delete all of it, for good?", abort=True)
        done = run(person=person, by=COMMAND, at=now)
    print(f"erased: {sum(done.rows.values()):,} rows of {len(done.rows)} tables")
    for receiver in done.receivers:
        print(f"{receiver} was told of them by webhooks: have them erased there, too")
    for file in done.files:
        print(f"{file} waits to be brought in: rows of theirs will be refused; discard it if it is not needed")
    print("backups from before still hold them: vaglio restore erases them again")


@app.command("stop-rating")
def stop_rating(email: Email) -> None:
    """Rate a person no more, because they object to it, and delete their scores. They stay leads, without a rating.

    Example: vaglio person stop-rating anna@acme.example
    """
    with opened() as now:
        from vaglio_server.privacy.actions import stop_rating as stop
        from vaglio_server.privacy.queries import person_of

        leads = stop(person=person_of(email=email), by=COMMAND, at=now)
    print(f"rated no more, and their scores deleted: lead {', '.join(map(str, leads))}")


@app.command("rate-again")
def rate_again(email: Email) -> None:
    """Rate a person again who takes their objection back. What was deleted stays so.

    Example: vaglio person rate-again anna@acme.example
    """
    with opened() as now:
        from vaglio_server.privacy.actions import rate_again as again
        from vaglio_server.privacy.queries import person_of

        leads = again(person=person_of(email=email), by=COMMAND, at=now)
    print(f"rated again: lead {', '.join(map(str, leads))}")


@app.command("let-in")
def let_in(email: Email) -> None:
    """Let somebody in again who was erased, because they ask for it. What was erased stays so.

    Example: vaglio person let-in anna@acme.example
    """
    with opened() as now:
        from vaglio_server.crm.actions import let_in as let
        from vaglio_server.tracking.logic.calls import email_of

        known = let(keys=[("email", email_of(email) or "")], by=COMMAND, at=now)
    print(f"{email} is taken in again when it comes" if known else f"nobody with {email} was erased")


@app.command("erased")
def erased() -> None:
    """Print who was erased, as hashes with their instants: what vaglio restore --erased reads where the database itself is lost.

    Example: vaglio person erased > erased.txt
    """
    with opened():
        from vaglio_server.config.erased import lines

        for line in lines():
            print(line)


def _print_records(person: "Person") -> None:
    """Say which records are one person's, so that whoever reads it sees whether they are."""
    from vaglio_server.privacy.queries import records_of, submissions_of

    records, forms = records_of(person), submissions_of(person).count()
    for each in records:
        where = f", {each.record.account}" if each.record.account else ""
        print(f"{each.kind} {each.record.pk}: {each.record}, {each.record.fields.get('email') or 'no mail address'}{where}")
    if forms:
        print(f"forms sent: {forms:,}")
    if not records and not forms and not person.identities:
        print("no record of theirs is stored; requests and rows of files are looked through when it is given out or erased")
        return
    for kind, value in sorted(person.keys):
        print(f"known by {kind.replace('_', ' ')}: {value}")
