"""What the server adds to ``vaglio``; nothing heavy is imported before a command runs."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from vaglio.cli.heeded import Heeding
from vaglio_server.config.env import USUAL_PORT, store
from vaglio_server.config.person import app as person
from vaglio_server.config.retention import app as retention
from vaglio_server.config.session import opened

DUMPED = b"PGDMP"  # what PostgreSQL's own format begins with
Port = Annotated[int, typer.Option(min=1, max=65_535, help="port to listen on")]

user = typer.Typer(help="People who sign in.", no_args_is_help=True)
source = typer.Typer(help="Sites, apps and programs that send events.", no_args_is_help=True)
token = typer.Typer(help="Keys for programs that use the API.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the server's commands."""
    for command in (serve, demo, push, export, doctor, recheck, countries, backup, restore):
        app.command(cls=Heeding)(command)
    app.add_typer(user, name="user")
    app.add_typer(source, name="source")
    app.add_typer(token, name="token")
    app.add_typer(person, name="person")
    app.add_typer(retention, name="retention")


def serve(
    role: Annotated[str, typer.Option(help="web, worker, or both together")] = "all",
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Port = USUAL_PORT,
    workers: Annotated[int, typer.Option(min=1, max=1_000, help="web processes")] = 2,
) -> None:
    """Run the server: web and worker together, or one of them.

    Example: vaglio serve --port 8080
    """
    from vaglio_server.config.serve import serve as run

    run(role=role, host=host, port=port, workers=workers)


def demo(
    port: Port = USUAL_PORT,
    leads: Annotated[int, typer.Option(min=50, max=1_000_000, help="how many leads the company has")] = 5_000,
    background: Annotated[bool, typer.Option("--background", help="come back when it is up")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="stop the one in the background")] = False,
    check: Annotated[bool, typer.Option("--check", help="only see whether the port is free for it")] = False,
) -> None:
    """Run a server with a made company inside, a user per role, and visitors that come as you look. Starts afresh each time.

    Example: vaglio demo --port 8080
    """
    from vaglio_server.config.demo import check_port, in_background, run, stop_background

    if check:
        check_port(port)
    elif stop:
        stop_background()
    elif background:
        in_background(port, leads)
    else:
        run(port, leads)


def push(
    model: Annotated[Path, typer.Argument(help="a model document (YAML)")],
    activate: Annotated[
        bool, typer.Option("--activate", help="make it live at once; pages show it as unsigned until it is signed")
    ] = False,
) -> None:
    """Upload a model as a new version of the model with its name.

    Example: vaglio push models/b2b_software.yaml --activate
    """
    from vaglio.document.load import read_text

    text = read_text(model)
    with opened() as now:
        from vaglio_server.scoring.actions import activate_version, push_model

        version = push_model(text=text, by="command line", at=now)
        if activate:
            activate_version(version=version, by="command line", at=now)
    signed = "signed" if version.signed_at else "unsigned"
    print(f"{version}: {f'live, {signed}' if activate else 'a draft; --activate makes it live'} (in {store()})")


def export(
    model: Annotated[str, typer.Argument(help="name of a live model")],
    folder: Annotated[Path, typer.Argument(help="where the files go")],
) -> None:
    """Write the facts that a model reads as Parquet files, so that vaglio score gives the same scores from them.

    Example: vaglio export enterprise_suite facts/
    """
    with opened() as now:
        from django.conf import settings

        from vaglio_server.refused import Refused
        from vaglio_server.scoring.engine import Scorer, document_of
        from vaglio_server.scoring.queries import version_at

        version = version_at(model, now)
        if version is None:
            raise Refused(f"no model {model} is live")
        folder.mkdir(parents=True, exist_ok=True)
        with closing(Scorer(settings.DATABASES["default"])) as scorer:
            rows = scorer.export(document_of(version.text), folder)
        (folder / "model.yaml").write_text(version.text, encoding="utf-8")
    for name, count in rows.items():
        print(f"{folder / name}.parquet: {count} rows")


def doctor() -> None:
    """Check a deployment and say what to mend; exit code 1 where something is to be mended.

    Example: vaglio doctor
    """
    with opened() as now:
        from vaglio_server.config.doctor import examine

        findings = list(examine(now))
    for finding in findings:
        print(f"{'mend' if finding.mend else 'well'}  {finding.said}" + (f": {finding.mend}" if finding.mend else ""))
    if any(finding.mend for finding in findings):
        raise typer.Exit(1)


def recheck(sample: Annotated[int, typer.Option(min=1, max=1_000_000, help="how many scores")] = 1000) -> None:
    """Work out stored scores again from the facts as they were known; exit code 1 where one comes out otherwise.

    Example: vaglio recheck --sample 1000
    """
    with opened() as now:
        from django.conf import settings

        from vaglio_server.scoring.actions import recheck as run
        from vaglio_server.scoring.engine import Scorer

        with closing(Scorer(settings.DATABASES["default"])) as scorer:
            found = run(scorer=scorer, sample=sample, by="command line", at=now)
    print(f"{found.checked} scores worked out again, {len(found.different)} came out otherwise")
    if found.excused:
        print(f"{found.excused} more did, which counted a colleague who was erased since")
    if found.different:
        print(f"scores {', '.join(map(str, found.different[:20]))}")
        raise typer.Exit(1)


def countries(write: Annotated[bool, typer.Option("--write", help="write them; without it they are only listed")] = False) -> None:
    """Bring the countries that leads, contacts and accounts hold from earlier into their one form, such as IT for Italy and Italia.

    Example: vaglio countries --write
    """
    with opened() as now:
        from vaglio_server.config.unifying import found, unify

        held = found()
        for each in held:
            print(each.line)
        written = dict(unify(held, now)) if write else {}
    known = sum(each.records for each in held if each.code)
    if write:
        print(f"{sum(written.values()):,} records are in one form now; what they held is in their history, and leads are scored again")
    else:
        print(f"{known:,} records can be brought into one form: vaglio countries --write" if known else "nothing is to be written")


def backup(file: Annotated[Path, typer.Argument(help="the file to write; it appears when it is whole")]) -> None:
    """Write everything into one file, while the server runs; what was acknowledged before is in it.

    Example: vaglio backup vaglio.dump
    """
    from vaglio.aside import need_place

    need_place(file)
    with opened():
        from vaglio_server.config.backup import backup as write

        size = write(file)
    print(f"{file}: {size:,} bytes; vaglio restore {file} brings it into an empty installation")


def restore(
    file: Annotated[Path, typer.Argument(help="what vaglio backup wrote")],
    replace: Annotated[bool, typer.Option("--replace", help="drop what is there; stop the server first")] = False,
    erased: Annotated[Path | None, typer.Option(help="what vaglio person erased printed, where that database is lost")] = None,
) -> None:
    """Bring a backup into an empty installation: all of it or, where anything fails, nothing. Who was erased since is erased again.

    Example: vaglio restore vaglio.dump
    """
    _need_backup(file)
    with opened(is_restoring=True) as now:
        from vaglio_server.config.backup import restore as read

        again = read(file, now, replace=replace, erased=erased)
    print(f"{file} is restored" + (f"; erased again, who was erased since it was written: {again:,}" if again else ""))


def _need_backup(file: Path) -> None:
    """Refuse what is no backup, before a database is looked for."""
    from vaglio.errors import VaglioError

    if not file.is_file():
        raise VaglioError("restore", f"there is no file {file}", "name what vaglio backup wrote")
    with file.open("rb") as found:
        if found.read(len(DUMPED)) != DUMPED:
            raise VaglioError("restore", f"{file} is no backup", "name what vaglio backup wrote")


@user.command("create")
def user_create(
    name: str,
    role: Annotated[str, typer.Option(help="administrator, marketing, sales or read_only")] = "read_only",
    team: Annotated[str, typer.Option(help="sellers see the leads of their team; a new name makes a team")] = "",
    email: Annotated[str, typer.Option()] = "",
    password: Annotated[str | None, typer.Option(help="asked for, where it is not given", show_default=False)] = None,
) -> None:
    """Make a user.

    Example: vaglio user create anna --role marketing --email anna@example.com
    """
    with opened() as now:
        from vaglio_server.users.actions import create_user

        if password is None:
            password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        made = create_user(name=name, email=email, password=password, role=role, team=team or None, by="command line", at=now)
    print(f"{made.username}: {made.role}")


@source.command("create")
def source_create(name: str) -> None:
    """Make a source and print its write key, which clients send with every event.

    Example: vaglio source create website
    """
    with opened() as now:
        from vaglio_server.tracking.actions import create_source

        made = create_source(name=name, by="command line", at=now)
    print(made.write_key)


@token.command("create")
def token_create(name: str, user: str, scope: Annotated[str, typer.Option(help="read or write")] = "read") -> None:
    """Make an API token for a user and print it; it is shown only now.

    Example: vaglio token create warehouse anna --scope read
    """
    with opened() as now:
        from vaglio_server.users.actions import create_token
        from vaglio_server.users.queries import user_named

        _made, text = create_token(user=user_named(user), name=name, scope=scope, by="command line", at=now)
    print(text)
