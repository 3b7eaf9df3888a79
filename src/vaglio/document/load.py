"""Text → ModelDocument, reporting every fault at once with its line, path and a hint."""

import difflib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vaglio.document.faults import faults
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path as DocumentPath
from vaglio.document.text import Source, parse
from vaglio.errors import DocumentError, Issue
from vaglio.rules import KINDS

_KEYS = ("keys with values", "write lines of the form key: value")
_FORMS = {"model_type": _KEYS, "model_attributes_type": _KEYS, "dict_type": _KEYS, "tuple_type": ("a list", "write it as [a, b]")}


def load(path: str | Path) -> ModelDocument:
    """Return the model document in a file.

    Raises
    ------
    DocumentError
        The file cannot be read or its text is not a valid model; ``issues`` holds every fault.
    """
    return loads(read_text(path), source=str(path))


def read_text(path: str | Path) -> str:
    """Return the text of a model file; raises DocumentError like :func:`load`."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        issue = Issue("file_unreadable", f"cannot be read: {error.strerror}", "check the path")
        raise DocumentError((issue,), str(path)) from error
    except UnicodeDecodeError as error:
        issue = Issue("file_not_utf8", f"is not UTF-8 text (byte {error.start})", "save the file as UTF-8")
        raise DocumentError((issue,), str(path)) from error


def loads(text: str, *, source: str = "") -> ModelDocument:
    """Return the model document in a text; see :func:`load`."""
    try:
        document, issues, _ = read(text)
    except DocumentError as error:
        raise DocumentError(error.issues, source) from error
    if document is None or issues:
        raise DocumentError(issues, source)
    return document


@lru_cache(maxsize=8)  # whoever checks a text reads it for its document, then for its doubts; nobody changes what is read
def read(text: str) -> tuple[ModelDocument | None, tuple[Issue, ...], Source]:
    """Return the document where it could be built, all faults by line, and the parsed text."""
    parsed = parse(text)
    issues = list(parsed.issues)
    document = None
    try:
        document = ModelDocument.model_validate(parsed.data)
    except ValidationError as error:
        issues += _issues(error, parsed)
    if document is not None:
        issues += [locate(issue, path, parsed) for path, issue in faults(document)]
    return document, tuple(sorted(set(issues), key=lambda issue: (issue.line or 0, issue.path, issue.message))), parsed


def locate(issue: Issue, path: DocumentPath, source: Source) -> Issue:
    """Return an issue with its line and readable path filled in."""
    return Issue(issue.code, issue.message, issue.hint, readable(path, source.data), source.line(path))


def _issues(error: ValidationError, source: Source) -> list[Issue]:
    found = []
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "too_short" and detail["input"] and len(details) > 1:
            continue  # its items are faulty, and are reported themselves
        path = _real_path(detail["loc"], source.data)
        if path in source.merging:
            continue  # what it lacks is what it was to take from elsewhere
        code, message, hint = _say(detail)
        found.append(locate(Issue(code, message, hint), path, source))
    return _without_union_noise(found)


def _without_union_noise(issues: list[Issue]) -> list[Issue]:
    """Keep one issue per place where pydantic tried several forms of one value."""
    kept: dict[tuple[int | None, str], Issue] = {}
    rest = []
    for issue in issues:
        if issue.code == "type_wrong":
            kept.setdefault((issue.line, issue.path), issue)
        else:
            rest.append(issue)
    return rest + list(kept.values())


def _real_path(location: tuple[Any, ...], data: Any) -> DocumentPath:
    """Return the path in the text; pydantic's location also names union members and models."""
    path: list[str | int] = []
    for position, part in enumerate(location):
        if part in KINDS and location[position - 2 : position - 1] == ("rules",):
            continue  # the kind by which pydantic chose the rule's form
        if isinstance(data, dict) and (part in data or str(part) in {str(key) for key in data}):
            key = part if part in data else next(key for key in data if str(key) == str(part))
            path.append(key)
            data = data[key]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            path.append(part)
            data = data[part]
    return tuple(path)


def readable(path: DocumentPath, data: Any) -> str:
    """Return a path people read: ``engagement.rules[3] (pricing).half_life``."""
    text = ""
    part: Any
    for part in path:
        data = data[part] if isinstance(data, list | dict) else None
        if isinstance(part, int) and not text.endswith(("letters", "digits")):
            text += f"[{part}]"
            name = data.get("id") or data.get("stage") if isinstance(data, dict) else None
            text += f" ({name})" if isinstance(name, str) else ""
        else:
            text += f".{part}" if text else str(part)
    return text


def _say(detail: Any) -> tuple[str, str, str]:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    if kind in ("missing", "extra_forbidden", "union_tag_invalid", "union_tag_not_found"):
        return _say_of_keys(detail)
    if kind in _FORMS:
        return _say_of_form(detail)
    if kind in ("too_short", "string_too_short"):
        return "value_invalid", "is empty", "write what belongs there, or leave it out"
    if kind == "literal_error":
        return "value_unknown", f"{_shown(value)} is not allowed here", f"use {context['expected']}"
    if kind == "string_pattern_mismatch":
        return "name_invalid", f"{_shown(value)} is not a name", "use letters, digits and _, not starting with a digit"
    if kind == "value_error":
        message, _, hint = str(context["error"]).partition("; ")
        return "value_invalid", f"{_lead(detail, value)}{message}", hint
    if kind.endswith(("_type", "_parsing", "is_instance_of")):
        return "type_wrong", f"{_shown(value)} is of the wrong kind: {detail['msg'].lower()}", _type_hint(value)
    return "value_invalid", f"{_shown(value)}: {detail['msg'].lower()}", ""


def _say_of_keys(detail: Any) -> tuple[str, str, str]:
    value, name = detail.get("input"), str(detail["loc"][-1]) if detail["loc"] else "the document"
    if detail["type"] == "missing":
        return "key_missing", f"{name} is missing", f"add {name}:"
    if detail["type"] == "extra_forbidden":
        return "key_unknown", f"unknown key {name}", _near(name)
    found = value.get("kind") if isinstance(value, dict) else None
    message = f"unknown rule kind {found}" if found else "the rule says no kind"
    return "kind_unknown", message, f"use one of {', '.join(KINDS)}"


def _say_of_form(detail: Any) -> tuple[str, str, str]:
    value, (form, hint) = detail.get("input"), _FORMS[detail["type"]]
    if not detail["loc"]:
        return "type_wrong", f"the document is {_form(value)}, not {form}", "begin with format: 1, as `vaglio init` does"
    return "type_wrong", f"is {_form(value)}, not {form}", hint


def _form(value: Any) -> str:
    if value is None:
        return "empty"
    return "a list" if isinstance(value, list) else "keys with values" if isinstance(value, dict) else f"the single value {_shown(value)}"


def _lead(detail: Any, value: Any) -> str:
    return "" if isinstance(value, dict | list) or not detail["loc"] else f"{_shown(value)} "


def _type_hint(value: Any) -> str:
    return f'if it is a text, write it in quotes: "{value}"' if isinstance(value, int) else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return "this part"
    return "no value" if value is None else str(value) if not isinstance(value, str) else repr(value)


@lru_cache(maxsize=1024)  # a key that is misspelt once is misspelt in every rule, and again at every look while a text is written
def _near(name: str) -> str:
    """Suggest a known key close to a misspelt one."""
    found = difflib.get_close_matches(name, _known_keys(), n=1, cutoff=0.7)
    return f"did you mean {found[0]}?" if found else "remove it; `vaglio schema` lists every key"


@cache
def _known_keys() -> tuple[str, ...]:
    schema = ModelDocument.model_json_schema()
    keys = set(schema["properties"])
    for part in schema.get("$defs", {}).values():
        keys |= set(part.get("properties", {}))
    return tuple(sorted(keys))
