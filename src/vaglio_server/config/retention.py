"""``vaglio retention``: for how long what nobody needs any more is kept."""

from collections import Counter
from typing import Annotated

import typer

from vaglio_server.config.session import opened

COMMAND = "command line"
app = typer.Typer(help="How long what nobody needs any more is kept.", no_args_is_help=True)
Months = Annotated[int | None, typer.Option(help="months; left out: for ever")]


@app.command("show")
def show() -> None:
    """Say for how long things are kept, and how much is older.

    Example: vaglio retention show
    """
    with opened() as now:
        from vaglio_server.privacy.models import Retention
        from vaglio_server.privacy.queries import what_is_old

        kept = Retention.objects.first() or Retention()
        old = what_is_old(requests_months=kept.requests_months, people_months=kept.people_months, now=now)
    print(f"requests as they came are kept {_months(kept.requests_months)}")
    print(f"people nothing is heard of are kept {_months(kept.people_months)}")
    print(f"older than that: requests {old.requests:,}, leads at most {old.leads:,}, devices nobody is known by {old.devices:,}")


@app.command("set")
def decide(requests: Months = None, people: Months = None) -> None:
    """Decide for how long requests as they came, and people nothing is heard of, are kept. A server deletes older ones from a day later on.

    Example: vaglio retention set --requests 13 --people 24
    """
    with opened() as now:
        from vaglio_server.privacy.actions import set_retention

        set_retention(requests_months=requests, people_months=people, by=COMMAND, at=now)
    print(f"kept: requests {_months(requests)}, people {_months(people)}")


@app.command("run")
def run(yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Delete what is older at once, for good, instead of waiting for the server to do so.

    Example: vaglio retention run
    """
    with opened() as now:
        from vaglio_server.privacy.actions import delete_old

        if not yes:
            typer.confirm("Delete what is older than it is to be kept, for good?", abort=True)
        gone = sum(delete_old(by=COMMAND, at=now), Counter[str]())
    told = ", ".join(f"{name} {gone[key]:,}" for name, key in (("requests", "requests"), ("leads", "crm_lead"), ("devices", "devices")))
    print(f"deleted: {told}; rows in all {gone.total():,}")


def _months(months: int | None) -> str:
    return "for ever" if months is None else f"for {months} months"
