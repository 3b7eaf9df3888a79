"""Which leads a view shows, and what can be asked of leads."""

from vaglio_server.views.queries.among import Fits, fits_among
from vaglio_server.views.queries.choices import Choice, Held, Offer, offer
from vaglio_server.views.queries.lately import page_sorted
from vaglio_server.views.queries.leads import COUNTED, Check, Found, TooSlow, counted, in_time, leads_of
from vaglio_server.views.queries.lists import OWN_LISTS, KnownList, Reader, is_list, lists_in_use, lists_known, readers
from vaglio_server.views.queries.slips import nearly
from vaglio_server.views.queries.walk import count_on

__all__ = [
    "COUNTED",
    "OWN_LISTS",
    "Check",
    "Choice",
    "Fits",
    "Found",
    "Held",
    "KnownList",
    "Offer",
    "Reader",
    "TooSlow",
    "count_on",
    "counted",
    "fits_among",
    "in_time",
    "is_list",
    "leads_of",
    "lists_in_use",
    "lists_known",
    "nearly",
    "offer",
    "page_sorted",
    "readers",
]
