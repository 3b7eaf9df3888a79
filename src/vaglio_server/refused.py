"""What is not done, and whose text may be shown to whoever asked."""


class Refused(Exception):
    """Something anticipated that is not done; its text is safe to show. Each app's own kinds inherit it."""
