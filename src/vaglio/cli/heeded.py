"""Options that a command would read and not heed beside others: they are refused, so that nobody believes they did something."""

from contextvars import ContextVar
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

from vaglio.cli.apart import need_apart
from vaglio.errors import DataError

_given: ContextVar[dict[str, str]] = ContextVar("what the command line gave: parameter → option", default={})  # noqa: B039


class Heeding(TyperCommand):
    """A command that knows which of its parameters somebody gave, also those given as they are anyway; and writes over nothing it reads."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what the command line gives, and refuse a file that is named by nothing, which would be the folder one is in.

        Raises
        ------
        DataError
            ``file_unnamed``.
        """
        given, _others, _order = self.make_parser(ctx).parse_args(args=list(args))
        rest = super().parse_args(ctx, args)
        for name, called in self._called().items():
            if _names_a_file(ctx.params.get(name)) and "" in _several(given.get(name)):
                raise DataError("file_unnamed", f"{called} is empty, and names no file", "name one; is a variable of the shell not set?")
        return rest

    def _called(self) -> dict[str, str]:
        """Return how the command line calls each parameter."""
        return {each.name: each.opts[0] if each.param_type_name == "option" else each.name.upper() for each in self.params if each.name}

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        given = {}
        for parameter in self.params:
            source = ctx.get_parameter_source(parameter.name)
            if source is not None and source.name == "COMMANDLINE" and parameter.name is not None:
                given[parameter.name] = parameter.opts[0]
        need_apart(self.name or "", self._called(), ctx.params)
        token = _given.set(given)
        try:
            return super().invoke(ctx)
        finally:
            _given.reset(token)


def _several(value: Any) -> list[Any]:
    """Return the values of a parameter, of one that may be repeated as of one that may not."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _names_a_file(value: Any) -> bool:
    return any(isinstance(each, Path) for each in _several(value))


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
