"""How alike the names of two companies are, whatever legal form stands behind them."""

from rapidfuzz import fuzz

from vaglio_server.crm.logic.search import words

# Legal forms in the words that are left of them once folded: S.p.A. is s p a, and spa where it is written in one.
_WRITTEN = """
ab ag as asa bv bvba co company corp corporation doo ead eood gmbh group gruppo holding inc incorporated kft kg kgaa limited llc llp lp ltd
nv ood oy oyj plc pte pty sa sagl sarl sas scarl se sl snc societa spa sprl srl srls sro the ug zoo
"""
_FORMS = frozenset(_WRITTEN.split())
LEAST_SHARE = 0.85  # below it names that share a word by chance come up
START = 4  # letters by which candidates are looked up


def bare(name: str) -> list[str]:
    """Return the words of a company's name without its legal form; a name that is nothing else stays.

    ``Acme Italia S.r.l.`` is acme, italia.
    """
    found: list[str] = []
    letters = ""
    for word in [*words(name), "  "]:
        if len(word) == 1:
            letters += word
            continue
        found += [letters] if letters else []
        found += [word] if word.strip() else []
        letters = ""
    return [word for word in found if word not in _FORMS] or found


def likeness(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1, which is where only legal form, accents or the order of words differ."""
    return fuzz.token_sort_ratio(" ".join(bare(one)), " ".join(bare(other))) / 100


def starts(name: str) -> str | None:
    """Return what PostgreSQL looks for to find names that may be alike: those with a word that starts like one of this name's."""
    found = sorted({word[:START] for word in bare(name) if len(word) > 1})
    return " | ".join(f"'{start}':*" for start in found) or None
