"""Numbers that somebody typed into a form."""

from django.utils.formats import get_format

from vaglio_server.crm.logic.numbers import as_number


def typed_number(text: str) -> str:
    """Return a number as programs write it; where the text does not tell, as the reader's language writes numbers."""
    return as_number(text, str(get_format("DECIMAL_SEPARATOR")))
