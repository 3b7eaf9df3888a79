"""In which encoding a file of text is; in some, pasted together of two, each line in its own."""

import codecs
import io
import re
from typing import IO

UTF_8 = "utf-8-sig"
# Of the old encodings of one byte a sign, those of our countries, the commoner first; guessing libraries miss them in short texts.
_LETTERS = {
    "cp1252": frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœßšž"),
    "cp1250": frozenset("ăâîşţąćęłńóśźżáčďéěíňřšťúůýžäöüßőű"),
}
# Letters as UTF-8 spells them. In an old encoding that is a capital with an accent and then a sign that follows none: À», È°.
_SPELLED = re.compile(rb"[\xc3-\xc8][\x80-\xbf]|\xe2[\x80-\x82][\x80-\xbf]")
_BEYOND = re.compile(rb"[\x80-\xff]")
_RARER = 10  # so many times fewer than signs of the old encoding they may be chance


def _register(old: str) -> None:
    def read(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        return error.object[error.start : error.end].decode(old, "replace"), error.end

    codecs.register_error(f"vaglio-{old}", read)


for _old in _LETTERS:
    _register(_old)


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text by its beginning: ``utf-8-sig+cp1252`` is UTF-8 with lines in the old encoding among the rest."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        io.TextIOWrapper(io.BytesIO(head), UTF_8).read()
        return UTF_8
    except UnicodeDecodeError as error:
        if error.start > len(head) - 4:  # cut inside of a character
            return UTF_8
    spelled, rest = len(_SPELLED.findall(head)), _SPELLED.sub(b"", head)
    old = max(_LETTERS, key=lambda name: _likely(rest, name))
    return f"{UTF_8}+{old}" if spelled and spelled * _RARER >= len(_BEYOND.findall(rest)) else old


def _likely(head: bytes, encoding: str) -> int:
    """Return how many more letters than other signs there are among those beyond ASCII."""
    beyond = [sign for sign in head.decode(encoding, "replace").casefold() if sign > "\x7f"]
    return sum(1 if sign in _LETTERS[encoding] else -1 for sign in beyond)


def as_text(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """Return a file as text; what is no UTF-8 in a file of two encodings is read in the other."""
    own, _plus, old = encoding.partition("+")
    return io.TextIOWrapper(file, own, errors=f"vaglio-{old}" if old else "strict", newline="")
