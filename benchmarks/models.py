"""Models of a given number of rules over the made company's activities, drawn with a fixed seed."""

import random

from vaglio.document import ModelDocument, loads

FORMS = ("demo", "contact", "newsletter", "ebook", "pricing", "trial")
CONTENTS = ("case_study", "whitepaper", "ebook", "checklist", "video", "datasheet")
HALF_LIVES = ("7d", "14d", "30d", "60d")
WINDOWS = ("30d", "60d", "90d", "180d")


def model(rules: int, paths: list[str]) -> ModelDocument:
    """Return a model with that many engagement rules and three profile rules.

    Rules over one activity are drawn like marketers write them: half over pages (a path or a section), the rest over mail,
    forms, downloads and webinars; three in four fade, most have a window, one in ten has a cap, one in fifteen counts.
    """
    made = random.Random(rules)
    lines = [_rule(made, number, paths) for number in range(rules)]
    return loads("\n".join([
        "format: 1", f"name: bench_{rules}",
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
        "engagement:", "  rules:", *lines, "  digits: {1: 75, 2: 50, 3: 25}", "",
    ]))  # fmt: skip


def _rule(made: random.Random, number: int, paths: list[str]) -> str:
    activity, where = _what(made, paths)
    points = made.randint(1, 30)
    if made.random() < 1 / 15:
        return (f"    - {{id: r{number}, kind: activity_count, activity: {activity}{where}, within: {made.choice(WINDOWS)}, "
                f"bands: [{{at_least: 4, points: {points + 5}}}, {{at_least: 2, points: {points}}}]}}")  # fmt: skip
    ends = f", half_life: {made.choice(HALF_LIVES)}" if made.random() < 0.75 else ""
    ends += f", within: {made.choice(WINDOWS)}" if made.random() < 0.8 or not ends else ""
    ends += f", at_most: {points * 4}" if made.random() < 0.1 else ""
    return f"    - {{id: r{number}, kind: activity, activity: {activity}{where}, points: {points}{ends}}}"


def _what(made: random.Random, paths: list[str]) -> tuple[str, str]:
    drawn = made.random()
    if drawn < 0.5:
        path = made.choice(paths)
        operator = "starts_with" if made.random() < 0.3 else "equals"
        return "page_viewed", f", where: {{path: {{{operator}: {path}}}}}"
    if drawn < 0.6:
        return "email_clicked", ""
    if drawn < 0.75:
        return "form_submitted", f", where: {{form: {{in: [{', '.join(made.sample(FORMS, 2))}]}}}}"
    if drawn < 0.95:
        return "content_downloaded", f", where: {{content_type: {made.choice(CONTENTS)}}}"
    return "webinar_attended", ""
