"""Looking for garbage more rarely than Python does by itself, for whoever starts a process."""

import gc

NEW, YOUNG, OLD = 50_000, 10, 10  # Python's own are 700, 10 and 10


def collect_rarely() -> None:
    """Look for garbage after many new objects: imports and plans make very many that stay, and looking took a sixth of a start."""
    if gc.get_threshold()[0] < NEW:  # whoever called us may want it more rarely still
        gc.set_threshold(NEW, YOUNG, OLD)
