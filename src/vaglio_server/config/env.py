"""What an operator can set: each setting by name, with its default and a sentence. Read from the environment."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from vaglio.errors import VaglioError
from vaglio.private import data_folder, variable

USUAL_PORT = 8000  # on which it is served
SERVED_PORT = "VAGLIO_SERVED_PORT"  # no setting: by it `vaglio serve` tells its own processes where it listens


@dataclass(frozen=True)
class Setting:
    """An environment variable; ``docs/reference/settings.md`` lists them all.

    ``may_be_empty``: whether that is as good as unset; else something else would be used, in silence, than what was meant.
    """

    name: str
    default: str
    sentence: str
    is_secret: bool = False
    may_be_empty: bool = True

    def read(self) -> str:
        """Return its value, or its default when it is unset or empty.

        Raises
        ------
        VaglioError
            It is empty and may not be.
        """
        return (os.environ.get(self.name) if self.may_be_empty else variable(self.name)) or self.default


DATABASE_URL = Setting(
    "DATABASE_URL",
    "",
    "postgresql://user:password@host:port/name?sslmode=verify-full of your own PostgreSQL; unset: a private one in the data folder.",
    may_be_empty=False,
)
VAGLIO_HOME = Setting(
    "VAGLIO_HOME", "", "The data folder; unset: /var/lib/vaglio for root, ~/.local/share/vaglio for everybody else.", may_be_empty=False
)
VAGLIO_SECRET_KEY = Setting(
    "VAGLIO_SECRET_KEY",
    "",
    "Signs sessions and links, encrypts the secrets of webhooks, and is in no backup; unset: made once and kept in the data folder.",
    is_secret=True,
    may_be_empty=False,
)
VAGLIO_HOSTS = Setting("VAGLIO_HOSTS", "localhost,127.0.0.1,[::1]", "Host names the server answers to, separated by commas.")
VAGLIO_DEBUG = Setting("VAGLIO_DEBUG", "", "1 shows errors in the browser; never on a machine others can reach.")
VAGLIO_HTTPS = Setting("VAGLIO_HTTPS", "", "1 where a proxy in front serves it by HTTPS: cookies then travel encrypted only.")
VAGLIO_DEMO = Setting("VAGLIO_DEMO", "", "1 lets everybody sign in as any of the demo's users with one click; set by vaglio demo.")
VAGLIO_PROXIES = Setting(
    "VAGLIO_PROXIES", "0", "How many proxies in front each add a visitor's address to X-Forwarded-For; 0: it is not believed."
)
EMAIL_URL = Setting(
    "EMAIL_URL", "", "smtp+tls://user:password@host:587 of the server that sends mail; smtps:// encrypts from the start, smtp:// never."
)
VAGLIO_MAIL_FROM = Setting("VAGLIO_MAIL_FROM", "Vaglio <vaglio@localhost>", "Whom mails come from, such as Acme <hello@acme.example>.")
VAGLIO_ADDRESS = Setting(
    "VAGLIO_ADDRESS",
    "",
    "Where people open Vaglio, for the links of mails to sellers, such as https://vaglio.acme.example; unset: the first of VAGLIO_HOSTS.",
)
VAGLIO_UNCONFIRMED_DAYS = Setting("VAGLIO_UNCONFIRMED_DAYS", "30", "After how many days a submission is forgotten that nobody confirmed.")
VAGLIO_WEBHOOK_HOSTS = Setting(
    "VAGLIO_WEBHOOK_HOSTS",
    "",
    "Receivers of webhooks in the own network, each as host:port, separated by commas; all others are public ones.",
)
SETTINGS = (
    DATABASE_URL, VAGLIO_HOME, VAGLIO_SECRET_KEY, VAGLIO_HOSTS, VAGLIO_DEBUG, VAGLIO_HTTPS, VAGLIO_DEMO, VAGLIO_PROXIES, EMAIL_URL,
    VAGLIO_MAIL_FROM, VAGLIO_ADDRESS, VAGLIO_UNCONFIRMED_DAYS, VAGLIO_WEBHOOK_HOSTS,
)  # fmt: skip


@dataclass(frozen=True)
class InForce:
    """A setting with its value as anybody may see it; ``is_given``: the environment says it, it is not the default."""

    name: str
    sentence: str
    value: str
    is_given: bool
    is_secret: bool


def in_force() -> tuple[InForce, ...]:
    """Return every setting with its value, and without what is secret."""
    return tuple(InForce(each.name, each.sentence, _seen(each), bool(os.environ.get(each.name)), each.is_secret) for each in SETTINGS)


def _seen(setting: Setting) -> str:
    if setting.is_secret:
        return ""
    if setting is VAGLIO_HOME:
        return str(home())
    return _without_password(setting.read()) if setting is DATABASE_URL else setting.read()


def _without_password(address: str) -> str:
    """Return the address of the database with neither password nor options."""
    if not address:
        return ""
    given = database()
    port = f":{given['PORT']}" if given["PORT"] else ""
    return f"postgresql://{given['USER']}@{given['HOST']}{port}/{given['NAME']}"


def address() -> str:
    """Return where people open Vaglio, without a slash at the end: with the port on which it is served, unless a proxy stands in front."""
    named = VAGLIO_ADDRESS.read().rstrip("/")
    if named:
        return named
    host = VAGLIO_HOSTS.read().split(",")[0].strip().lstrip(".").replace("*", "") or "localhost"
    if VAGLIO_HTTPS.read() == "1":
        return f"https://{host}"
    return f"http://{host}" if VAGLIO_PROXIES.read() != "0" else f"http://{host}:{os.environ.get(SERVED_PORT, USUAL_PORT)}"


def home() -> Path:
    """Return the data folder."""
    return data_folder(VAGLIO_HOME.read())


def store() -> str:
    """Return where an installation keeps what it knows: its data folder, or the database that is named."""
    named = database()
    return f"{named['NAME']} on {named['HOST'] or 'this machine'}" if DATABASE_URL.read() else str(home())


def private_folder() -> Path | None:
    """Return the folder of the private PostgreSQL, None where the operator names a server."""
    return None if DATABASE_URL.read() else home() / "postgres"


# What may stand behind the question mark of DATABASE_URL, each with the variable by which PostgreSQL's own programs are told it.
PARAMETERS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "channel_binding": "PGCHANNELBINDING",
    "require_auth": "PGREQUIREAUTH",
    "gssencmode": "PGGSSENCMODE",
    "krbsrvname": "PGKRBSRVNAME",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def database() -> dict[str, Any]:
    """Return name, user, password, host and port of the database; ``OPTIONS``: the parameters of its address, such as ``sslmode``.

    Raises
    ------
    VaglioError
        ``DATABASE_URL`` is not the address of a PostgreSQL database, or has a parameter that would not reach it.
    """
    address = DATABASE_URL.read()
    if not address:
        return {"NAME": "vaglio", "USER": "vaglio", "PASSWORD": "", "HOST": str(home() / "postgres"), "PORT": "", "OPTIONS": {}}
    try:
        parts = urlsplit(address)
        port = parts.port
        given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        parts, port, given = urlsplit(""), None, []
    name = parts.path.strip("/")
    if parts.scheme not in {"postgresql", "postgres"} or not name:
        raise VaglioError("database_url", "DATABASE_URL is not the address of a PostgreSQL database", DATABASE_URL.sentence)
    options = _options(dict(given))
    return {
        "NAME": unquote(name),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }


def _options(given: dict[str, str]) -> dict[str, str]:
    """Return parameters that all who use the database can be told; one that is left out in silence might be the one that encrypts."""
    for name in given:
        if name not in PARAMETERS and name not in {"host", "port"}:
            told = f"leave it out; these can be used: host, port, {', '.join(PARAMETERS)}"
            raise VaglioError("database_url", f"DATABASE_URL has the parameter {name}, which would have no effect", told)
    return given


@dataclass(frozen=True)
class MailServer:
    """Who sends mail: ``is_encrypted`` from the start, ``is_upgraded`` by STARTTLS after a greeting in the open."""

    host: str
    port: int
    user: str
    password: str
    is_upgraded: bool
    is_encrypted: bool


_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail() -> MailServer | None:
    """Return the server that sends mail; None where none is named.

    Raises
    ------
    VaglioError
        ``EMAIL_URL`` is not the address of a mail server.
    """
    address = EMAIL_URL.read()
    if not address:
        return None
    try:
        parts = urlsplit(address)
        usual = _MAIL_PORTS[parts.scheme]
        port = parts.port or usual
    except (ValueError, KeyError):
        parts, port = urlsplit(""), 0
    if not parts.hostname:
        raise VaglioError("email_url", "EMAIL_URL is not the address of a mail server", EMAIL_URL.sentence)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port, user, password, parts.scheme == "smtp+tls", parts.scheme == "smtps")


def whole_number(setting: Setting) -> int:
    """Return a setting that is a number.

    Raises
    ------
    VaglioError
        It is none.
    """
    text = setting.read()
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise VaglioError("setting", f"{setting.name} is {text}, which is no whole number", setting.sentence)
    return int(text)


def webhook_hosts() -> frozenset[tuple[str, int]]:
    """Return the receivers in the own network that may be sent webhooks.

    Raises
    ------
    VaglioError
        One is no ``host:port``.
    """
    return frozenset(_host_and_port(each.strip()) for each in VAGLIO_WEBHOOK_HOSTS.read().split(",") if each.strip())


def _host_and_port(text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port or parts.path or "@" in parts.netloc:
        raise VaglioError("webhook_hosts", f"VAGLIO_WEBHOOK_HOSTS names {text}, which is no host:port", VAGLIO_WEBHOOK_HOSTS.sentence)
    return host, port


def secret_key() -> str:
    """Return the key that signs and encrypts; made once, readable by its owner only."""
    given = VAGLIO_SECRET_KEY.read()
    if given:
        return given
    path = home() / "secret_key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = secrets.token_urlsafe(48)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first
            return path.read_text(encoding="ascii")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(made)
        return made
