"""Models of a given number of rules over the made company's activities, drawn with a fixed seed."""

import random
from dataclasses import dataclass

from vaglio.document import ModelDocument, loads

FORMS = ("demo", "contact", "newsletter", "ebook", "pricing", "trial")
CONTENTS = ("case_study", "whitepaper", "ebook", "checklist", "video", "datasheet")
HALF_LIVES = (7, 14, 30, 60)  # days
WINDOWS = (30, 60, 90, 180)


@dataclass(frozen=True)
class Drawn:
    """One rule over activities, for ours and for whoever writes it by hand; ``test``: property, operator and values, or none."""

    number: int
    activity: str
    test: tuple[str, str, tuple[str, ...]] | None
    points: int
    counts: bool
    half_life_days: int | None
    within_days: int | None
    at_most: int | None

    def text(self) -> str:
        """Return the rule as a line of a document."""
        said = f"    - {{id: r{self.number}, kind: {'activity_count' if self.counts else 'activity'}, activity: {self.activity}"
        if self.test:
            name, operator, values = self.test
            wanted = f"[{', '.join(values)}]" if operator == "in" else values[0]
            said += f", where: {{{name}: {{{operator}: {wanted}}}}}"
        if self.counts:
            bands = ", ".join(f"{{at_least: {number}, points: {points}}}" for number, points in self.bands())
            return f"{said}, within: {self.within_days}d, bands: [{bands}]}}"
        said += f", points: {self.points}"
        for name, value in (("half_life", self.half_life_days), ("within", self.within_days)):
            said += f", {name}: {value}d" if value else ""
        return said + (f", at_most: {self.at_most}" if self.at_most else "") + "}"

    def bands(self) -> tuple[tuple[int, int], ...]:
        """Return how many activities give how many points, the most first."""
        return (4, self.points + 5), (2, self.points)


def rules(number: int, paths: list[str]) -> list[Drawn]:
    """Return that many rules, drawn like marketers write them: half over pages (a path or a section), the rest over mail, forms,
    downloads and webinars; three in four fade, most have a window, one in ten has a cap, one in fifteen counts.
    """
    made = random.Random(number)
    return [_drawn(made, place, paths) for place in range(number)]


def model(number: int, paths: list[str], name: str = "") -> ModelDocument:
    """Return a model with that many engagement rules and three profile rules."""
    return document(rules(number, paths), name or f"bench_{number}")


def document(drawn: list[Drawn], name: str) -> ModelDocument:
    """Return a model of these engagement rules and three profile rules."""
    return loads("\n".join([
        "format: 1", f"name: {name}",
        "inputs:",
        "  fields: {job_title: string, industry: string, employees: integer}",
        "  activities:",
        "    page_viewed: {path: string}", "    email_clicked: {}", "    form_submitted: {form: string}",
        "    content_downloaded: {content_type: string}", "    webinar_attended: {}",
        "profile:", "  rules:",
        "    - {id: seniority, kind: fields, field: job_title, weight: 40, bands: [{any_word: [chief, ceo, cto, vp], award: 100%},",
        "        {any_word: [director, head], award: 70%}]}",
        "    - {id: size, kind: fields, field: employees, weight: 30, bands: [{from: 50, below: 5000, award: 100%},",
        "        {from: 5000, award: 60%}]}",
        "    - {id: sector, kind: fields, field: industry, weight: 30, bands: [{in: [software, finance], award: 100%}]}",
        "  letters: {A: 75, B: 50, C: 25}",
        "engagement:", "  rules:", *(each.text() for each in drawn), "  digits: {1: 75, 2: 50, 3: 25}", "",
    ]))  # fmt: skip


def _drawn(made: random.Random, number: int, paths: list[str]) -> Drawn:
    activity, test = _what(made, paths)
    points = made.randint(1, 30)
    if made.random() < 1 / 15:
        return Drawn(number, activity, test, points, counts=True, half_life_days=None, within_days=made.choice(WINDOWS), at_most=None)
    half_life = made.choice(HALF_LIVES) if made.random() < 0.75 else None
    within = made.choice(WINDOWS) if made.random() < 0.8 or not half_life else None
    return Drawn(number, activity, test, points, False, half_life, within, points * 4 if made.random() < 0.1 else None)


def _what(made: random.Random, paths: list[str]) -> tuple[str, tuple[str, str, tuple[str, ...]] | None]:
    drawn = made.random()
    if drawn < 0.5:
        path = made.choice(paths)
        return "page_viewed", ("path", "starts_with" if made.random() < 0.3 else "equals", (path,))
    if drawn < 0.6:
        return "email_clicked", None
    if drawn < 0.75:
        return "form_submitted", ("form", "in", tuple(made.sample(FORMS, 2)))
    if drawn < 0.95:
        return "content_downloaded", ("content_type", "equals", (made.choice(CONTENTS),))
    return "webinar_attended", None
