"""Terms of the field, each explained where it stands: ``{% term "coverage" %}`` is a small button that opens its text.

It is HTML's own popover, so it opens by Enter, closes by Escape, gives the focus back, and needs no script.
"""

from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()


@dataclass(frozen=True)
class Term:
    """What a term is called, and what it means in a sentence or two."""

    title: str | Promise
    text: str | Promise


TERMS = {
    "rating": Term(gettext_lazy("Rating"), gettext_lazy(
        "A letter for fit and a digit for engagement. A1 fits best and did most: call first. D4 is neither. The model says from how "
        "many points on.")),
    "fit": Term(gettext_lazy("Fit"), gettext_lazy(
        "Who they are: how well the person and the company match those you sell to, in points. It changes only when something becomes "
        "known.")),
    "engagement": Term(gettext_lazy("Engagement"), gettext_lazy(
        "What they do: visits, forms, mails, in points. It fades with time, so that what happened lately counts most.")),
    "why": Term(gettext_lazy("Why"), gettext_lazy(
        "Every rule that gave or took points, one bar after the other; together they are the score. A cap takes off what is above the "
        "most a rule may give. Open a line to see the activities behind it, and what each lost by fading.")),
    "audience": Term(gettext_lazy("Audience"), gettext_lazy(
        "Whom a model is for. A lead outside of it gets no rating at all, rather than a bad one.")),
    "coverage": Term(gettext_lazy("Coverage"), gettext_lazy(
        "How much of what the model asks about fit is answered for this lead, by the weight of the questions. A full fit with little"
        " coverage is right: what is known is enough for it. A low fit with little coverage may only mean that nobody has asked yet.")),
    "temperature": Term(gettext_lazy("Temperature"), gettext_lazy(
        "Hot, warm or cold: one word for a rating. The model says which ratings are hot and which are warm.")),
    "buying_stage": Term(gettext_lazy("Buying stage"), gettext_lazy(
        "How far they seem to be on the way to a purchase, by what they looked at: the model names the stages and what shows each.")),
    "potential": Term(gettext_lazy("Potential"), gettext_lazy(
        "How much the company could be worth, by the model's own measure. Among leads of the same rating the larger come first.")),
    "crossing": Term(gettext_lazy("Change of rating"), gettext_lazy(
        "The instant at which a lead went from one rating to another: by something done or learnt, or because time passed. Each is "
        "kept, once.")),
    "acceptance": Term(gettext_lazy("Acceptance"), gettext_lazy(
        "The share of the leads that sales answered and accepted; those that wait still do not count. Beside it, between what it lies with "
        "95% certainty: few answers say little. What a model promises is another share, on its page: of all that got a rating, answered "
        "or not."
    )),
    "second_opinion": Term(gettext_lazy("Second opinion"), gettext_lazy(
        "Of one verdict in twenty another seller is asked what they would have said, without knowing what was said. Kappa is how far both "
        "agree beyond chance: 1 always, 0 as by chance. Where sellers disagree, no model can be right."
    )),
    "bant": Term(gettext_lazy("BANT"), gettext_lazy(
        "What sales finds out of somebody it has taken on: is there a budget, do they decide, do they need it, and when. All four make a "
        "lead ready to be converted. It stands beside the rating and never changes it."
    )),
    "first_response": Term(gettext_lazy("Promised answer"), gettext_lazy(
        "How soon sales answers a lead of this rating, as the model promises it. The clock runs in the working time of whoever has the "
        "lead, stands while we wait for the lead, and ends with the answer.")),
    "nurture": Term(gettext_lazy("Nurture list"), gettext_lazy(
        "Leads that fit or are interested, but not enough for sales yet. A mail system writes to those on a list until their rating brings "
        "them to sales, or off it.")),
    "pipeline": Term(gettext_lazy("Pipeline"), gettext_lazy(
        "The stages through which a sale goes until it is won or lost, each with how likely what stands there is won.")),
    "conversion": Term(gettext_lazy("Conversion"), gettext_lazy(
        "The lead becomes a contact at a company, mostly with an opportunity: a possible sale. The lead stays and goes on being rated; "
        "what the person did is seen with the contact.")),
    "suspicion": Term(gettext_lazy("Suspicion"), gettext_lazy(
        "How likely nobody is behind this lead, from 0 to 100, with the reasons. It is no part of fit or engagement, and changes no "
        "rating: you decide.")),
    "machine": Term(gettext_lazy("Machine clicks"), gettext_lazy(
        "Opens, clicks and visits of mail scanners, link previews and crawlers. They count for nothing; a mark that was found late "
        "can be undone.")),
    "duplicate": Term(gettext_lazy("Duplicate"), gettext_lazy(
        "Two leads that are one person. Merged, what both did counts for one; the past scores of both stay, and each merge can be "
        "undone.")),
    "priority": Term(gettext_lazy("Priority account"), gettext_lazy(
        "A company that marketing and sales named in advance, also called a target account. A model may give its people points for it.")),
    "buying_role": Term(gettext_lazy("Buying role"), gettext_lazy(
        "Who somebody is in the decision: the one who pays, who uses it, who recommends or who can say no.")),
    "outlook": Term(gettext_lazy("What comes next"), gettext_lazy(
        "Worked out from today's facts: when the rating falls by itself, and what one activity more would change.")),
    "contract": Term(gettext_lazy("Agreement"), gettext_lazy(
        "A model is a contract: marketing says whom it sends, sales says whom it calls and how soon. Somebody from each side signs a "
        "version; what is changed later is another version, to be signed again.")),
    "promise": Term(gettext_lazy("Promise"), gettext_lazy(
        "What the model says a rating is good for, such as how soon sales calls. It is written down so that it can be checked.")),
}  # fmt: skip


@register.filter
def is_term(name: str) -> bool:
    """Return whether a word is explained here."""
    return name in TERMS


@register.simple_tag(takes_context=True)
def term(context: Context, name: str, label: str = "", classes: str = "") -> SafeString:
    """Return a button that explains a term: a question mark, or a label such as the lead's own temperature."""
    found = TERMS[name]
    rendering: Any = context.render_context
    seen = rendering.setdefault("terms shown", [])
    seen.append(name)
    inside = rendering.template.name.rpartition("/")[2].partition(".")[0]
    key = f"term-{name}-{inside}-{len(seen)}"  # an id of its own, wherever it is included
    shown: dict[str, Any] = {
        "key": key, "name": name, "title": found.title, "text": found.text, "says": _("%(term)s: what it means") % {"term": found.title},
        "classes": f"tag {classes}".strip() if label else "term", "label": label or "?",
    }  # fmt: skip
    named = ' title="{says}"' if label else ' aria-label="{says}"'
    return format_html(
        '<button type="button" class="{classes}" data-term="{name}" popovertarget="{key}"' + named + ">{label}</button>"
        '<span class="term-said" id="{key}" popover role="note"><b>{title}</b> {text}</span>',
        **shown,
    )
