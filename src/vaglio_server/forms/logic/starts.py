"""Forms to start from, as most companies need them."""

from vaglio_server.forms.logic.drafts import Draft, FormField
from vaglio_server.texts import gettext_noop

_EMAIL = FormField("email", gettext_noop("Work email"), is_required=True)
_NAMES = (
    FormField("first_name", gettext_noop("First name"), is_required=True),
    FormField("last_name", gettext_noop("Last name"), is_required=True),
)
_COMPANY = FormField("company", gettext_noop("Company"), is_required=True)
_JOB = FormField("job_title", gettext_noop("Job title"))
_CONSENT = gettext_noop("I agree that my answers are kept and used to reply to me. I can withdraw this at any time.")

STARTS: dict[str, Draft] = {
    "contact": Draft(
        name=gettext_noop("Contact us"), slug="contact", title=gettext_noop("Talk to us"),
        intro=gettext_noop("Tell us what you are working on. Somebody who knows the answer replies within a working day."),
        fields=(*_NAMES, _EMAIL, _COMPANY, _JOB, FormField("employees", gettext_noop("Employees"), "number"),
                FormField("message", gettext_noop("How can we help?"), "lines")),
        button=gettext_noop("Send"), thanks=gettext_noop("We have your message and reply within a working day."),
        consent=_CONSENT,
    ),
    "download": Draft(
        name=gettext_noop("Download"), slug="download", title=gettext_noop("Get the guide"),
        intro=gettext_noop("Twenty pages, no fluff. Tell us where to send it."),
        fields=(_NAMES[0], _EMAIL, _COMPANY, _JOB),
        button=gettext_noop("Send me the guide"), thanks=gettext_noop("The guide is on its way to you."),
        consent=_CONSENT,
    ),
    "webinar": Draft(
        name=gettext_noop("Webinar"), slug="webinar", title=gettext_noop("Save your seat"),
        intro=gettext_noop("Forty minutes, live, with time for questions. Cannot make it? Everybody gets the recording."),
        fields=(*_NAMES, _EMAIL, _COMPANY, FormField("question", gettext_noop("What would you like to hear about?"), "lines")),
        button=gettext_noop("Save my seat"), thanks=gettext_noop("Your seat is saved; the link comes by mail."),
        consent=_CONSENT,
    ),
}  # fmt: skip
