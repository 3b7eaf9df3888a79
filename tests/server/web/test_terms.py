"""Terms of the field are explained where they stand."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.server.web.every_page import every_page, make_everything
from tests.server.web.people import signed_in

TEMPLATES = Path(__file__).parents[3] / "src/vaglio_server/web/templates"
# What a heading says, and which term explains it; words in which a term is no term ("ratings" of a menu, say) are no headings.
IN_HEADINGS = {
    r"\brating": "rating", r"\bfit\b": "fit", r"\bengagement\b": "engagement", r"\bpotential\b": "potential", r"\bsuspicion\b": "suspicion",
    r"\bmachine clicks\b": "machine", r"\bpriority accounts?\b": "priority", r"\bbuying role\b": "buying_role", r"^why$": "why",
    r"\bcoverage\b": "coverage", r"\btemperature\b": "temperature", r"\bbuying stage\b": "buying_stage", r"\bcomes next\b": "outlook",
    r"\bpromises?\b": "promise", r"\bduplicates?\b|\bone person\b": "duplicate", r"\bchanges of rating\b": "crossing",
}  # fmt: skip
HEADING = re.compile(r"<(h[1-3]|th|dt)\b[^>]*>(.*?)</\1>", re.DOTALL)


def headings(page: str) -> list[str]:
    """Return what the headings of a page say to everybody, in small letters."""
    main = page.partition("<main")[2]
    bare = re.sub(r"<button\b.*?</button>|<span class=\"term-said\".*?</span>|<svg.*?</svg>", "", main, flags=re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).lower().split()) for found in HEADING.findall(bare)]


@pytest.fixture(scope="module")
def shown(database: Any) -> dict[str, str]:
    """Every page of the made company, as an administrator sees it."""
    from vaglio_server.users.models import User

    make_everything(60)
    client, pages = signed_in(User.objects.get(username="ada")), every_page()
    lead = pages["lead-detail"]
    return {name: client.get(address).content.decode() for name, address in (pages | {"why": f"{lead}/why"}).items()}


def test_every_term_in_a_heading_is_explained_on_its_page(shown: dict[str, str]) -> None:
    met: set[str] = set()
    for name, page in shown.items():
        explained = set(re.findall(r'data-term="(\w+)"', page))
        said = headings(page if "<main" in page else f"<main>{page}")
        for pattern, term in IN_HEADINGS.items():
            if any(re.search(pattern, heading) for heading in said):
                met.add(term)
                assert term in explained, (name, term, [heading for heading in said if re.search(pattern, heading)])
    assert len(met) > 9, met


def test_every_term_that_is_written_is_used_and_opens_what_it_names(shown: dict[str, str]) -> None:
    from vaglio_server.web.terms import TERMS

    used = {term for path in TEMPLATES.rglob("*.html") for term in re.findall(r'{% term "(\w+)"', path.read_text(encoding="utf-8"))}
    assert used == set(TERMS)
    for name, page in shown.items():
        opened = re.findall(r'popovertarget="([\w-]+)"', page)
        assert sorted(opened) == sorted(set(opened)) == sorted(re.findall(r'class="term-said" id="([\w-]+)"', page)), name
    assert all(str(term.text).endswith(".") and len(str(term.text)) < 300 for term in TERMS.values())
