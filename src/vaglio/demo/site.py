"""What one can do on the made company's site and in its mails: every activity, and how likely each is.

An activity is drawn as one whole signature (type and properties together); there are under a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vaglio.demo.columns import NONE
from vaglio.demo.randomness import Ints

# A kind of session picks signatures from a table of this many places, by 14 random bits.
PLACES = 16_384
ADDRESS = "https://www.vela-suite.example"


class Kind(IntEnum):
    """What a session is about."""

    BROWSE = 0
    EVALUATE = 1
    EMAIL = 2
    SCANNER = 3
    LEARN = 4
    SOCIAL = 5
    STUDY = 6
    SPAM = 7


class Signature(NamedTuple):
    """One possible activity."""

    activity_type: str
    path: str | None = None
    form: str | None = None
    content_type: str | None = None


Choices = list[tuple[Signature, float]]

_TOPICS = ("lead-scoring", "crm", "gdpr", "sales-alignment", "forecast", "email", "attribution",
           "buying-committee", "data-quality", "nurture")  # fmt: skip
_ANGLES = ("guide", "checklist", "mistakes", "benchmark", "interview", "template", "case", "news", "opinion",
           "howto")  # fmt: skip


def _pages(paths: list[str], weight: float) -> Choices:
    """Share a weight among pages, the first ones read most (as one over the place)."""
    shares = 1.0 / np.arange(1, len(paths) + 1)
    shares *= weight / shares.sum()
    return [(Signature("page_viewed", path=path), float(share)) for path, share in zip(paths, shares, strict=True)]


def _blog(weight: float) -> Choices:
    slugs = [f"/blog/{topic}-{angle}-{part}" for part in range(1, 5) for topic in _TOPICS for angle in _ANGLES]
    return _pages(slugs, weight)


def _docs(weight: float) -> Choices:
    return _pages([f"/docs/{topic}/{page}" for page in range(1, 21) for topic in _TOPICS], weight)


def _pricing(weight: float) -> Choices:
    return _pages(["/pricing", "/pricing/enterprise", "/pricing/calculator", "/Pricing/faq"], weight)


def _products(weight: float) -> Choices:
    names = ("integrations", "security", "api", "tour")
    return _pages(["/product", *(f"/product/{name}" for name in names)], weight)


def _stories(weight: float) -> Choices:
    return _pages([f"/customers/story-{number}" for number in range(1, 31)], weight)


def _forms(**weights: float) -> Choices:
    return [(Signature("form_submitted", form=form), weight) for form, weight in weights.items()]


def _downloads(**weights: float) -> Choices:
    return [(Signature("content_downloaded", content_type=name), weight) for name, weight in weights.items()]


def _plain(**weights: float) -> Choices:
    return [(Signature(name), weight) for name, weight in weights.items()]


_CHOICES: dict[Kind, Choices] = {
    Kind.BROWSE: [
        *_pages(["/", "/about", "/Careers", "/contact"], 14), *_blog(42), *_docs(18), *_products(12),
        *_stories(6), *_pricing(3), *_downloads(ebook=2, datasheet=1.4, case_study=0.6),
        *_forms(newsletter=1),
    ],
    Kind.EVALUATE: [
        *_pricing(42), *_products(10), *_docs(3), *_stories(5), *_forms(demo=15, contact=5, trial=2),
        *_downloads(case_study=12, datasheet=3), *_plain(webinar_attended=3),
    ],
    Kind.EMAIL: [*_plain(email_opened=52, email_clicked=30, unsubscribed=0.5), *_blog(14), *_products(3.5)],
    Kind.SCANNER: _plain(email_clicked=72, email_opened=28),
    Kind.LEARN: [
        *_plain(webinar_attended=26),
        *_downloads(whitepaper=12, ebook=12, case_study=7, datasheet=6, video=4),
        *_pages(["/webinars", "/resources", "/events"], 25), *_forms(webinar=6, newsletter=2),
    ],
    Kind.SOCIAL: [*_plain(social_engaged=70), *_blog(25), *_pages(["/"], 5)],
    Kind.STUDY: [
        *_plain(email_clicked=24, email_opened=8), *_blog(28), *_docs(14),
        *_pages(["/careers", "/careers/intern"], 12), *_downloads(ebook=7, whitepaper=4),
        *_forms(newsletter=2), *_pricing(1),
    ],
    Kind.SPAM: [*_forms(contact=50, newsletter=30), *_pages(["/"], 20)],
}  # fmt: skip


@dataclass(frozen=True)
class Site:
    """All signatures as codes, ready to be looked up by arrays.

    Attributes
    ----------
    types, paths, forms, content_types, urls : pyarrow string arrays
        Distinct values.
    codes : array of int32, shape (5, signatures)
        Of each signature: code of its type, path, form, content type and URL; -1 for none.
    tables : array of int16, shape (kinds * PLACES,)
        Signature at each place of each kind of session, in proportion to its weight.
    webinar : int
        Code of the type that has minutes.
    mail_types : array of bool, shape (types,)
        Whether the type belongs to a mail, and so to a campaign.
    """

    types: pa.Array
    paths: pa.Array
    forms: pa.Array
    content_types: pa.Array
    urls: pa.Array
    codes: NDArray[np.int32]
    tables: NDArray[np.int16]
    webinar: int
    mail_types: NDArray[np.bool_]


def make_site() -> Site:
    """Give every signature a number and fill the tables from which sessions draw."""
    signatures = sorted({signature for choices in _CHOICES.values() for signature, _ in choices}, key=str)
    number = {signature: code for code, signature in enumerate(signatures)}
    columns = [list(column) for column in zip(*signatures, strict=True)]
    columns.append([None if path is None else ADDRESS + path for path in columns[1]])
    vocabularies = [sorted({value for value in column if value is not None}) for column in columns]
    lookups = [{word: code for code, word in enumerate(vocabulary)} for vocabulary in vocabularies]
    codes = np.array(
        [[NONE if value is None else lookup[value] for value in column] for column, lookup in zip(columns, lookups, strict=True)],
        dtype=np.int32,
    )
    types, paths, forms, content_types, urls = (pa.array(words, pa.string()) for words in vocabularies)
    mails = [name in {"email_opened", "email_clicked", "unsubscribed"} for name in vocabularies[0]]
    tables = [_fill_table([(number[what], weight) for what, weight in _CHOICES[kind]]) for kind in Kind]
    return Site(
        types=types,
        paths=paths,
        forms=forms,
        content_types=content_types,
        urls=urls,
        codes=codes,
        tables=np.concatenate(tables).astype(np.int16),
        webinar=vocabularies[0].index("webinar_attended"),
        mail_types=np.array(mails),
    )


def _fill_table(weighted: list[tuple[int, float]]) -> Ints:
    """Give each signature places in proportion to its weight."""
    weights = np.array([weight for _, weight in weighted])
    edges = np.round(np.cumsum(weights) / weights.sum() * PLACES).astype(np.int64)
    return np.repeat(np.array([code for code, _ in weighted], dtype=np.int64), np.diff(edges, prepend=0))
