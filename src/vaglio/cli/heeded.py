"""Options that a command would read and not heed beside others: they are refused, so that nobody believes they did something."""

from contextvars import ContextVar
from typing import Any

from typer.core import TyperCommand

from vaglio.cli.apart import need_apart
from vaglio.errors import DataError

_given: ContextVar[dict[str, str]] = ContextVar("what the command line gave: parameter → option", default={})  # noqa: B039


class Heeding(TyperCommand):
    """A command that knows which of its parameters somebody gave, also those given as they are anyway; and writes over nothing it reads."""

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        given = {}
        for parameter in self.params:
            source = ctx.get_parameter_source(parameter.name)
            if source is not None and source.name == "COMMANDLINE" and parameter.name is not None:
                given[parameter.name] = parameter.opts[0]
        called = {each.name: each.opts[0] if each.param_type_name == "option" else each.name.upper() for each in self.params if each.name}
        need_apart(self.name or "", called, ctx.params)
        token = _given.set(given)
        try:
            return super().invoke(ctx)
        finally:
            _given.reset(token)


def need_heeded(beside: str, *names: str, why: str) -> None:
    """Refuse parameters of the command under way where somebody gave them ``beside`` what makes them mean nothing.

    Raises
    ------
    DataError
        One of them was given.
    """
    given = _given.get()
    for name in names:
        if name in given:
            raise DataError("option_unheeded", f"{given[name]} does nothing with {beside}: {why}", f"leave {given[name]} out")
