"""What PostgreSQL knows of tables that were filled at once: until it looks by itself, a minute later, it plans as if they were empty."""

from django.db import connection


def look_at_tables() -> None:
    """Have it look at all tables now, so that the first page does not take seconds."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
