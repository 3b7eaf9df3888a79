"""Whether a number is one of many, given as one value.

Django's ``__in`` writes each of some thousands apart, which takes longer than asking.
"""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, F, Lookup


class _Among(Lookup):  # at run time it takes no type
    lookup_name = "among"
    output_field = BooleanField()
    prepare_rhs = False  # it is many numbers beside one

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        if self.rhs == "{}":
            raise EmptyResultSet  # nobody need be asked, as with ``__in``
        text, given = self.process_lhs(compiler, connection)
        return f"{text} = ANY(%s::bigint[])", (*given, self.rhs)


def among(numbers: Collection[int], column: str = "pk") -> "Lookup[Any]":
    """Return, for a filter, whether a column is one of some numbers; one made once may be asked many times."""
    return _Among(F(column), f"{{{','.join(map(str, numbers))}}}")  # an array as PostgreSQL writes it: the driver would take longer
