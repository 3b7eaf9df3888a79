"""What a new opportunity is called and when it is expected, unless somebody says otherwise."""

from datetime import date, timedelta


def quarter_end(day: date) -> date:
    """Return the last day of a day's quarter, by which sellers count."""
    month = 3 * ((day.month - 1) // 3) + 4
    return (date(day.year, month, 1) if month <= 12 else date(day.year + 1, 1, 1)) - timedelta(days=1)


def sale_name(company: str, person: str) -> str:
    """Return what an opportunity is called: the company, and whom it began with."""
    return f"{company}, {person}" if person and person != company else company
