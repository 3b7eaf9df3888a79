"""Every error the engine raises on purpose, each with a code a program can read and a hint a person can follow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault or doubt in a model document.

    ``line`` counts from 1 and is ``None`` where the text is not known; ``path`` reads like ``engagement.rules[3] (pricing)``.
    """

    code: str
    message: str
    hint: str = ""
    path: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        path = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}{path}{self.message}{hint}"


class VaglioError(Exception):
    """Base of all errors Vaglio expects; ``code`` in snake case, ``message`` what is wrong, ``hint`` what to do."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        self.code = code
        self.message = message
        self.hint = hint
        super().__init__(f"{message}; {hint}" if hint else message)


class DocumentError(VaglioError):
    """The model text is wrong. ``issues`` holds every fault, not only the first."""

    def __init__(self, issues: tuple[Issue, ...], source: str = "") -> None:
        self.issues = issues
        self.source = source
        super().__init__("document_invalid", "\n".join(str(issue) for issue in issues))


class DataError(VaglioError):
    """The tables do not fit the model, or a file cannot be read."""

    def __init__(self, code: str, message: str, hint: str = "", *, table: str = "", column: str = "", row: int | None = None) -> None:
        self.table = table
        self.column = column
        self.row = row
        super().__init__(code, message, hint)


class UnsupportedError(VaglioError):
    """This engine or version cannot do what the model asks. Raised when compiling, never while running."""


class EngineError(VaglioError):
    """The engine failed while running; ``engine`` names it."""

    def __init__(self, engine: str, message: str, hint: str = "") -> None:
        self.engine = engine
        super().__init__("engine_failed", f"{engine}: {message}", hint)


class InternalError(VaglioError):
    """A mistake of ours."""

    def __init__(self, message: str) -> None:
        super().__init__("internal", message, "this is a mistake in Vaglio; please report it with the model and the command")
