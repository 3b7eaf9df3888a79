"""Files of leads, brought in by people: read, mapped, checked, and taken like events."""
