"""Whether somebody is who they say: reasons to doubt it, and how strong they are together. Never a matter of fit or interest."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from vaglio_server.crm.logic.domains import is_disposable
from vaglio_server.tracking.logic.copies import ENOUGH
from vaglio_server.tracking.logic.gibberish import is_gibberish, is_repeated, is_walk, letters
from vaglio_server.tracking.logic.phones import impossible

SUSPICIOUS = 50  # from this score on somebody should look
FASTEST = 1.0  # seconds in which nobody fills in a form
FAST = 3.0
LONGEST, MOST = 40, 200  # characters of a word, and of a text, that are looked at: whatever is sent, it takes no time

_MACHINES = "noreply donotreply nepasrepondre postmaster mailerdaemon abuse hostmaster spam bounce bounces devnull nobody root daemon"
_ROLES = """
info sales admin administrator office support contact contacts contatti marketing webmaster hello mail email help service kontakt vertrieb
vendite amministrazione segreteria commerciale comercial ventas accueil direction verkauf buchhaltung team hr jobs billing accounts
accounting press media newsletter enquiries inquiries secretariat vanzari sekretariat post poststelle reception booking customerservice
"""
MACHINE_ROLES, ROLES = frozenset(_MACHINES.split()), frozenset(_ROLES.split())
# What people type who do not want to say their name, in the languages that come in; some of it is somebody's name.
_PLACEHOLDERS = """
test tests testing tester prova prove demo fake none null na noname anonymous anonimo anonim undefined nessuno nobody niemand name nome
cognome nume prenume first last firstname lastname firstname surname user utente your vorname nachname nom foo bar baz blah bla blabla xyz
unknown sconosciuto dummy sample esempio exemplu beispiel qualcuno someone somebody whatever nothing niente objectobject asdf qwerty
mustermann musterfrau
"""
PLACEHOLDERS = frozenset(_PLACEHOLDERS.split())
_NOBODIES = """
john doe|jane doe|max mustermann|erika mustermann|mickey mouse|minnie mouse|donald duck|daisy duck|paolino paperino|topolino topolino|
mario prova|nu stiu|joe bloggs|homer simpson|bugs bunny|santa claus|first last|nome cognome|darth vader|harry potter|james bond|
bart simpson|papa smurf|babbo natale|test user
"""
NOBODIES = frozenset(" ".join(each.split()) for each in _NOBODIES.split("|"))
_TEST_DOMAINS_TEXT = """
test example domain email none nowhere asdf qwerty yourcompany yourdomain company
"""
_TEST_DOMAINS = frozenset(_TEST_DOMAINS_TEXT.split())
_LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:com|net|ru|biz|top|xyz|info|shop)\b", re.IGNORECASE)
_ODD = re.compile(r"[$€£%#@!?<>{}\[\]=*+|\\~^\u2600-\u27bf\U0001f300-\U0001faff]|\d{2,}")


@dataclass(frozen=True)
class Person:
    """What somebody said of themselves. ``seconds``: from the first page of the visit to the form; ``copies``: how many others said
    the same of ``phone`` or ``name`` who have nothing else in common.
    """  # fmt: skip

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    company: str = ""
    phone: str = ""
    seconds: float | None = None
    copies: Mapping[str, int] = field(default_factory=dict)

    @property
    def local(self) -> str:
        """The part of the mail address before the @."""
        return self.email.rpartition("@")[0].casefold()

    @property
    def names(self) -> list[str]:
        """The names given."""
        return [name.strip()[:MOST] for name in (self.first_name, self.last_name) if name.strip()]


@dataclass(frozen=True)
class Doubt:
    """A reason to doubt, how strong it is alone (0-100), and what it was seen by."""

    reason: str
    weight: int
    seen: str


def doubts(person: Person) -> list[Doubt]:
    """Return every reason to doubt somebody, the strongest first."""
    found = [doubt for ask in _ASKED for doubt in ask(person)]
    return sorted(found, key=lambda doubt: (-doubt.weight, doubt.reason))


def score(found: list[Doubt]) -> int:
    """Return how suspicious some doubts are together, 0-100: each takes its share of what the others left."""
    left = 1.0
    for each in found:
        left *= 1 - each.weight / 100
    return round(100 * (1 - left))


def _disposable(person: Person) -> Iterator[Doubt]:
    if is_disposable(person.email):
        yield Doubt("disposable", 80, person.email.rpartition("@")[2])


def _role(person: Person) -> Iterator[Doubt]:
    plain = re.sub(r"[^a-z]", "", person.local)
    named = any(letters(name) not in ROLES for name in person.names)
    if plain in MACHINE_ROLES:
        yield Doubt("role", 70, person.email)
    elif plain in ROLES:
        yield Doubt("role", 20 if named else 50, person.email)


def _names(person: Person) -> Iterator[Doubt]:
    """Doubt names, or, of somebody who gave none, the mail address."""
    words = [part[:LONGEST] for name in person.names for part in re.split(r"[\s\-]+", name) if part]
    strong = 60
    if not words:
        words = [part for part in re.split(r"[^a-z]+", person.local[:LONGEST]) if len(part) >= 5]
    walks = [word for word in words if is_walk(word)]
    odd = [word for word in words if is_gibberish(word) and word not in walks]
    same = [word for word in words if is_repeated(word) and word not in walks]
    if walks:
        yield Doubt("keyboard", strong if _is_sure(walks, words) else 40, " ".join(walks))
    if odd:
        yield Doubt("gibberish", strong if len(odd) * 2 >= len(words) else 40, " ".join(odd))
    if same:
        yield Doubt("repeated", strong if len(same) == len(words) else 40, " ".join(same))


def _is_sure(walks: list[str], words: list[str]) -> bool:
    return len(walks) == len(words) or any(len(word) >= 5 for word in walks)


def _signs(person: Person) -> Iterator[Doubt]:
    """Doubt names that are links, signs, digits or single letters."""
    text = " ".join([*person.names, person.company[:MOST]])
    if _LINK.search(" ".join(person.names)):
        yield Doubt("link", 70, text)
    elif any(_ODD.search(name) or not letters(name) for name in person.names):
        yield Doubt("signs", 55, text)
    elif len(person.names) == 2 and all(len(name) == 1 and name.isascii() for name in person.names):
        yield Doubt("repeated", 55, text)


def _placeholder(person: Person) -> Iterator[Doubt]:
    words = [letters(name) for name in person.names]
    whole = " ".join(words)
    told = [word for word in words if word in PLACEHOLDERS]
    if whole in NOBODIES or (words and len(told) == len(words)):
        yield Doubt("placeholder", 70, " ".join(person.names))
    elif told:
        yield Doubt("placeholder", 25, " ".join(told))
    plain, domain = re.sub(r"[^a-z]", "", person.local), person.email.rpartition("@")[2].casefold()
    if domain.partition(".")[0] in _TEST_DOMAINS and domain.count(".") == 1 and domain not in ("email.it", "email.com", "email.cz"):
        yield Doubt("placeholder", 40, domain)
    if plain in PLACEHOLDERS:
        yield Doubt("placeholder", 40 if person.names else 55, person.email)


def _phone(person: Person) -> Iterator[Doubt]:
    if person.phone.strip() and impossible(person.phone[:MOST]):
        yield Doubt("phone", 55, person.phone[:MOST])


def _fast(person: Person) -> Iterator[Doubt]:
    if person.seconds is not None and person.seconds <= FAST:
        yield Doubt("fast", 60 if person.seconds <= FASTEST else 30, f"{person.seconds:.1f} s")


def _copied(person: Person) -> Iterator[Doubt]:
    for what, least in ENOUGH.items():
        others = person.copies.get(what, 0)
        if others >= least:
            yield Doubt("copied", 60 if what == "phone" else 40, f"{what} ×{others + 1}")


_ASKED: tuple[Callable[[Person], Iterator[Doubt]], ...] = (
    _disposable, _role, _names, _signs, _placeholder, _phone, _fast, _copied,
)  # fmt: skip
REASONS = ("disposable", "keyboard", "gibberish", "repeated", "placeholder", "role", "phone", "link", "signs", "fast", "copied")
