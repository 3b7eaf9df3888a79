"""The menu: the sections everybody uses, and below them, in groups, what is set up and looked after."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vaglio_server.users.models import MARKETERS, SEES_ALL, Role, User

ALL = tuple(Role)
ADMINISTRATORS = (Role.ADMINISTRATOR,)


@dataclass(frozen=True)
class Line:
    """A page in the menu, and who has it there."""

    title: str | Promise
    page: str
    roles: tuple[str, ...] = ALL
    is_wide: bool = False


@dataclass(frozen=True)
class Shown:
    """A line as a page shows it; ``is_here``: the page is the line's, or below it. ``is_wide``: on phones it stands under More."""

    title: str | Promise
    address: str
    is_here: bool
    is_wide: bool = False


SECTIONS = (
    Line(_("Home"), "home"),
    Line(_("Inbox"), "inbox"),
    Line(_("Leads"), "lead-list"),
    Line(_("Companies"), "account-list"),
    Line(_("Opportunities"), "opportunity-list", is_wide=True),
    Line(_("Model"), "model-list"),
)
GROUPS: tuple[tuple[str | Promise, tuple[Line, ...]], ...] = (
    (
        _("Bring in"),
        (
            Line(_("Import a file"), "import-list", MARKETERS),
            Line(_("Forms"), "form-list", MARKETERS),
            Line(_("Sources and keys"), "source-list", MARKETERS),
            Line(_("Refused events"), "refused-list", MARKETERS),
            Line(_("Activity feed"), "activity-list"),
        ),
    ),
    (
        _("Follow up"),
        (
            Line(_("Contacts"), "contact-list"),
            Line(_("Lists"), "list-list"),
            Line(_("Nurture lists"), "nurture-list", SEES_ALL),
            Line(_("Idle leads"), "idle-list"),
            Line(_("After hand-over"), "handed-list", SEES_ALL),
        ),
    ),
    (
        _("Run"),
        (
            Line(_("Users and teams"), "user-list", ADMINISTRATORS),
            Line(_("Routing and hours"), "routing-list", MARKETERS),
            Line(_("API tokens"), "token-list"),
            Line(_("Webhooks"), "webhook-list", ADMINISTRATORS),
            Line(_("Custom fields"), "field-list", MARKETERS),
            Line(_("Field mapping"), "mapping", MARKETERS),
            Line(_("Pipelines"), "pipeline-list", MARKETERS),
            Line(_("Audit trail"), "audit-list", ADMINISTRATORS),
            Line(_("Jobs"), "job-list", MARKETERS),
            Line(_("Settings"), "setting-list", ADMINISTRATORS),
        ),
    ),
    (
        _("Keep clean"),
        (
            Line(_("Suspicious leads"), "suspicious-list", MARKETERS),
            Line(_("Machine clicks"), "machine-list", MARKETERS),
            Line(_("Duplicates"), "duplicate-list", MARKETERS),
            Line(_("Personal data"), "person", ADMINISTRATORS),
            Line(_("Retention"), "retention", ADMINISTRATORS),
        ),
    ),
)


def sections(user: User, path: str) -> list[Shown]:
    """Return the sections a user has."""
    return _shown(SECTIONS, user, path)


def groups(user: User, path: str) -> list[tuple[str | Promise, list[Shown]]]:
    """Return the groups in which a user has any page."""
    found = [(title, _shown(lines, user, path)) for title, lines in GROUPS]
    return [(title, lines) for title, lines in found if lines]


def _shown(lines: tuple[Line, ...], user: User, path: str) -> list[Shown]:
    found = [(line, reverse(line.page)) for line in lines if user.role in line.roles]
    return [Shown(line.title, address, _is_in(path, address), line.is_wide) for line, address in found]


def _is_in(path: str, address: str) -> bool:
    return path == address if address == "/" else path == address or path.startswith(f"{address}/")
