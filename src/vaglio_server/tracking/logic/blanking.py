"""Taking what somebody sent out of a request, to the letter: what others sent beside it stays as it came."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from vaglio_server.crm.logic.erased import NOBODY, SHORTEST, Naming
from vaglio_server.tracking.logic.batches import Batch, batch_in
from vaglio_server.tracking.logic.calls import ERASED, parse_json

NOTHING = json.dumps(ERASED)
_WRITE_KEY = re.compile(r'"writeKey"\s*:\s*"[^"]*"\s*,?\s*')


def blanked(body: bytes, kind: str, places: Collection[int], naming: Naming) -> bytes:
    """Return a request whose calls at some places say no more than that they were erased.

    Of what all calls of a batch share, the values go that name the person, and the traits, for they may be theirs; all of it goes where no
    call is left.
    """
    sent = Sent(body, kind)
    text, batch = sent.text, sent.batch
    if batch is None:
        return NOTHING.encode()
    gone = [(span, NOTHING) for place, span in enumerate(batch.calls) if place in places]
    if len(gone) == len(batch.calls):
        return json.dumps({"batch": [ERASED] * len(gone)}).encode()
    gone += [(span, _cleaned(text[slice(*span)], naming)) for span in batch.beside.values()] if gone else []
    for (start, end), told in sorted(gone, reverse=True):
        text = text[:start] + told + text[end:]
    return text.encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Sent:
    """A request as it came: its text, looked through once, however many of its calls are asked for."""

    body: bytes
    kind: str

    @cached_property
    def text(self) -> str:
        """The whole of it."""
        try:
            return self.body.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return self.body.decode("utf-8", "replace")

    @cached_property
    def batch(self) -> Batch | None:
        """The batch that it is read as; None where it is read as one call, or not at all."""
        try:
            parse_json(self.text)
        except RecursionError:
            if self.kind != "batch":
                return None
        except ValueError:
            return None
        found = batch_in(self.text)
        return found if found and found.calls else None

    def call(self, place: int) -> str:
        """Return one call as it came, without the key of its sender."""
        batch = self.batch
        said = self.text[slice(*batch.calls[place])] if batch and place < len(batch.calls) else self.text
        return _WRITE_KEY.sub("", said)


def _cleaned(text: str, naming: Naming) -> str:
    """Return a value of JSON without what names somebody; as it is, where nothing does."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "null" if naming.means(text) else text
    shared = {name: its for name, its in value.items() if name != "traits"} if isinstance(value, dict) else value
    left = naming.without(shared)
    return text if left == value else f" {json.dumps(left, ensure_ascii=False)}"


def spellings(value: str) -> set[str]:
    """Return how a key may stand in JSON: letters beyond ASCII as they are, as capitals, escaped; slashes, too; a short one alone.

    Capitals of ASCII are for who searches to pass over.
    """
    if len(value) < SHORTEST:
        alone = (f":{value}", f": {value}") if value.lstrip("-").isdigit() else ()
        return {json.dumps(value), json.dumps(value, ensure_ascii=False), *alone}
    written = {json.dumps(value, ensure_ascii=is_ascii)[1:-1] for is_ascii in (False, True)}
    return {spelled for each in written for spelled in (each, each.replace("/", "\\/"))}


def escapes(values: Collection[str]) -> str:
    """Return the regular expression of texts of JSON, in small letters and with backslashes doubled, that may hold a key otherwise spelled.

    A sign of it escaped that need not be; a number with an exponent where an id stands; and of keys with letters beyond ASCII any such
    letter, for these have capitals that a search by bytes does not know.
    """
    signs = {f"{ord(sign):04x}" for value in values for sign in value.lower() + value.upper() if sign < "\x7f"}
    told = [rf"\\\\u({'|'.join(sorted(signs))})"] if signs else []
    if any(value.isdigit() for value in values):
        told.append(r'id"\s*:\s*-?[0-9]+(\.[0-9]+)?e')
    if any(not value.isascii() for value in values):
        told.append(r"\\[2-3][0-7][0-7]|\\\\u")
    return "|".join(told) or NOBODY
