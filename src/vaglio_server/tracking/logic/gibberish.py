"""Names that nobody bears: typed along the keyboard, drawn by a program, or repeated.

Names of all languages are to pass: a word is judged only by what no language does. Scripts without vowels or cases are not judged.
"""

import re
import unicodedata
from itertools import pairwise

# Rows, and columns where people draw them, of the keyboards they have; a walk back is one too.
_LINES = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopü", "asdfghjklöä", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "йцукенгшщзхъ",
    "фывапролджэ", "ячсмитьбю", "qazwsxedcrfvtgbyhnujm", "1q2w3e4r5t6y7u8i", "abcdefghijklmnopqrstuvwxyz",
)  # fmt: skip
_WALKS = tuple(line for each in _LINES for line in (each, each[::-1]))
# Walks of three letters that are words or names somewhere, as four are in "Werth".
_WORDS_TEXT = """
wer ert rty tyu uio iop poi oiu rew tre ewq was sad asa abc def ghi hij nop opq rst stu tuv xyz pon mlk fed cba
"""
_WORDS = frozenset(_WORDS_TEXT.split())
_VOWELS = "aeiouyаеёиоуыэюяєіїαεηιουω"
# What counts as one sound, so that neither Schtschukin nor Brzęczyszczykiewicz stumbles.
_SOUNDS = re.compile(r"t?sch|szcz|str|schr|tsch|[csz]h|[crds]z|t[hsz]|[pkgbd]h|pf|ck|ng|st|dj|dz|nk|mp|nd|nt|rst|chr|ll|nn|mm|rr|ss|tt")
# Neighbours that no name has, in whichever language; found by their sound, not counted.
_NEVER_TEXT = """
bq bx cj cv cx dx fq fv fx fz gq gv gx hx jc jf jg jp jq jv jw jx jy jz kq kx lx mx pq px qb qc qd qf qg qh qj qk ql qm qn qp qq
qr qs qt qv qx qy qz sx tq vb vc vf vg vh vj vk vm vp vq vt vw vx vz wq wv wx xb xd xg xj xk xn xq xr xv xz zf zg zj zq zx xx
"""
_NEVER = frozenset(_NEVER_TEXT.split())
_RARE = frozenset("qxjwz")


def letters(word: str) -> str:
    """Return the letters of a word, small and without marks."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in plain if sign.isalpha())


def is_walk(word: str) -> bool:
    """Whether a word is typed along the keyboard, whole or piece by piece."""
    bare = _keys(word)
    if len(bare) < 3 or bare in _WORDS:
        return False
    if len(bare) == 3:
        return any(bare in line for line in _WALKS)
    return _steps(bare) >= (0.8 if len(bare) > 5 else 1) or is_repeated_walk(bare)


def _keys(word: str) -> str:
    """Return what was typed: letters with the marks that have keys of their own, and digits."""
    return "".join(sign for sign in word.casefold() if sign.isalnum())


def is_repeated_walk(bare: str) -> bool:
    """Whether a word is a piece of a walk again and again: ``asdasd``, ``sdfsdfsd``."""
    pieces = (bare[:size] for size in (2, 3, 4) if len(bare) >= 2 * size)
    return any(bare == (piece * len(bare))[: len(bare)] and _steps(piece) == 1 and not set(piece) & set("eiou") for piece in pieces)


def _steps(bare: str) -> float:
    """Return the share of letters that lie in walks of at least three."""
    covered = [False] * len(bare)
    for size in range(len(bare), 2 if len(bare) > 2 else 1, -1):
        for start in range(len(bare) - size + 1):
            if not any(covered[start : start + size]) and any(bare[start : start + size] in line for line in _WALKS):
                covered[start : start + size] = [True] * size
    return sum(covered) / len(bare)


def is_repeated(word: str) -> bool:
    """Whether a word is one sign, or one piece three times and more, or one of three letters twice."""
    bare = _keys(word)
    return bool(re.fullmatch(r"(.)\1{2,}|(.{2,3})\2{2,}|(.{3})\3+", bare)) or bool(re.fullmatch(r"(?:(.)\1){3,}", bare))


def is_gibberish(word: str) -> bool:
    """Whether no language makes such a word."""
    if _changes_case(word):
        return True
    bare = letters(word)
    if len(bare) < 4 or not re.fullmatch("[a-zа-яёєії]+", bare):
        return False
    without = not any(sign in _VOWELS for sign in bare)
    if without and (len(bare) >= 6 or (len(bare) == 5 and not set(bare) & {"r", "l"})):
        return True
    never = sum(pair in _NEVER for pair in map("".join, pairwise(bare)))
    if never and (without or never >= 2 or _longest_run(bare) >= 4):
        return True
    return _longest_run(bare) >= 5 or (without and len(set(bare) & _RARE) >= 2)


def _changes_case(word: str) -> bool:
    """Whether capitals stand where a program throws them."""
    return len(re.findall(r"[a-z][A-Z]", word)) >= 3


def _longest_run(bare: str) -> int:
    """Return the most sounds without a vowel in a row; an r or l between consonants is one, as in Čtvrtníček."""
    runs = re.split(f"[{_VOWELS}]|(?<=[^{_VOWELS}])[rl](?=[^{_VOWELS}])", bare)
    return max(len(_SOUNDS.sub("S", run)) for run in runs)
