"""Making forms, taking what visitors send, and asking them to confirm."""

from vaglio_server.forms.actions.forms import BadForm, count_view, create_form, delete_form, update_form
from vaglio_server.forms.actions.mails import send_next_mail
from vaglio_server.forms.actions.submissions import (
    Sent,
    confirm_submission,
    delete_submission,
    forget_old,
    release_submission,
    take_submission,
)

__all__ = [
    "BadForm",
    "Sent",
    "confirm_submission",
    "count_view",
    "create_form",
    "delete_form",
    "delete_submission",
    "forget_old",
    "release_submission",
    "send_next_mail",
    "take_submission",
    "update_form",
]
