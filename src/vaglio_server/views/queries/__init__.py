"""Which leads a view shows, and what can be asked of leads."""

from vaglio_server.views.queries.choices import Choice, Offer, offer
from vaglio_server.views.queries.lately import page_sorted
from vaglio_server.views.queries.leads import Found, TooSlow, counted, in_time, leads_of
from vaglio_server.views.queries.slips import nearly

__all__ = ["Choice", "Found", "Offer", "TooSlow", "counted", "in_time", "leads_of", "nearly", "offer", "page_sorted"]
