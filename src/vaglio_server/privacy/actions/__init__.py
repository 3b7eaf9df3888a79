"""What is done with all of one person's data at once."""

from vaglio_server.privacy.actions.erasing import Erased, NobodyThere, erase
from vaglio_server.privacy.actions.giving import Given, give_out, told_to

__all__ = ["Erased", "Given", "NobodyThere", "erase", "give_out", "told_to"]
