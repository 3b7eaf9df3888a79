"""Whether the database can be used: it may be away, or take nothing, as one that a failover left behind."""

from django.db import InterfaceError, OperationalError, connection

READ_ONLY = "25006"  # PostgreSQL's own code of a write where nothing can be written


def is_away(error: BaseException) -> bool:
    """Whether an error is of a database that is away or takes nothing, so that what was asked may come again."""
    return isinstance(error, OperationalError | InterfaceError) or getattr(error.__cause__, "sqlstate", None) == READ_ONLY


def is_read_only() -> bool:
    """Ask the database whether it takes nothing, as a standby and one that was made so do not."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return bool(cursor.fetchone()[0] == "on")
