"""Making forms, taking what visitors send, and asking them to confirm."""

from vaglio_server.forms.actions.decisions import ask_again, delete_refused, delete_submission, release_refused, release_submission
from vaglio_server.forms.actions.forms import BadForm, count_view, create_form, delete_form, update_form
from vaglio_server.forms.actions.mails import send_next_mail
from vaglio_server.forms.actions.submissions import (
    Sent,
    confirm_submission,
    forget_old,
    forget_refused,
    take_submission,
)

__all__ = [
    "BadForm",
    "Sent",
    "ask_again",
    "confirm_submission",
    "count_view",
    "create_form",
    "delete_form",
    "delete_refused",
    "delete_submission",
    "forget_old",
    "forget_refused",
    "release_refused",
    "release_submission",
    "send_next_mail",
    "take_submission",
    "update_form",
]
