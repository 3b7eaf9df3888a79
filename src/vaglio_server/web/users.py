"""Users: who comes in, what they may do, and keeping somebody out."""

from collections.abc import Callable
from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions import hand_on
from vaglio_server.refused import Refused
from vaglio_server.users.actions import block_user, change_user, invite_user, make_link, remove_second_factor, unblock_user
from vaglio_server.users.models import Role, Team, User
from vaglio_server.users.queries import teams, tokens_of, users
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.invited import link_path
from vaglio_server.web.menu import ADMINISTRATORS
from vaglio_server.web.whole_number import whole_number

ROLES = {
    Role.ADMINISTRATOR: gettext_lazy("Sees and changes everything, and looks after users, tokens and settings"),
    Role.MARKETING: gettext_lazy("Sees all leads; keeps models, sources, files, campaigns and fields"),
    Role.SALES: gettext_lazy("Sees and works on their own leads, and on those of their team"),
    Role.READ_ONLY: gettext_lazy("Sees all leads and changes nothing"),
}


class InviteForm(forms.Form):
    """Who is to come in, and what they may do."""

    name = forms.CharField(
        max_length=150, label=gettext_lazy("User name"), widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
    )
    email = forms.EmailField(
        label=gettext_lazy("Mail address"), widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"})
    )
    role = forms.ChoiceField(
        choices=Role.choices, initial=Role.SALES, label=gettext_lazy("Role"), widget=forms.Select(attrs={"class": "form-select"})
    )
    team = forms.ModelChoiceField(
        Team.objects.order_by("name"), required=False, empty_label=gettext_lazy("No team"), label=gettext_lazy("Team"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip


@allowed(*ADMINISTRATORS)
def user_list(request: Signed) -> HttpResponse:
    """Show who comes in, and invite somebody."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told, team = form.cleaned_data, form.cleaned_data["team"]
        now, by = datetime.now(UTC), request.user.username
        try:
            made = invite_user(name=told["name"], email=told["email"], role=told["role"], team=team.name if team else None, by=by, at=now)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("user-detail", made.pk)
    return render(request, "users/user_list.html", {"users": users(), "teams": teams(), "form": form, "roles": _roles()})


@allowed(*ADMINISTRATORS)
def user_detail(request: Signed, user_id: int) -> HttpResponse:
    """Show one user, and give them a role and a team."""
    shown = get_object_or_404(users(), pk=user_id)
    if request.method == "POST":
        try:
            team = _team(request.POST.get("team", ""))
            role = request.POST.get("role", "")
            change_user(user=shown, role=role, team=team, by=request.user.username, at=datetime.now(UTC))
            messages.info(request, _("Saved. It holds from their next page on."))
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("user-detail", shown.pk)
    now = datetime.now(UTC)
    link = link_path(shown, now)
    found = {
        "shown": shown,
        "roles": _roles(),
        "teams": teams(),
        "tokens": tokens_of(shown),
        "link": f"{request.scheme}://{request.get_host()}{link}" if link else None,
        "is_self": shown.pk == request.user.pk,
        "leads": 0 if shown.is_active else Lead.objects.present().filter(owner=shown).count(),
    }
    return render(request, "users/user_detail.html", found)


def _roles() -> list[tuple[str, str, str]]:
    return [(role.value, str(role.label), str(sentence)) for role, sentence in ROLES.items()]


def _team(text: str) -> Team | None:
    if not text:
        return None
    number = whole_number(text)
    found = Team.objects.filter(pk=number).first() if number is not None else None
    if found is None:
        raise Refused(_("There is no such team any more; choose another."))
    return found


@allowed(*ADMINISTRATORS)
@require_POST
def user_link(request: Signed, user_id: int) -> HttpResponse:
    """Make a link by which a user sets a password."""
    return _done(request, user_id, make_link, _("Here is the new link; earlier ones do not hold any more."))


@allowed(*ADMINISTRATORS)
@require_POST
def user_block(request: Signed, user_id: int) -> HttpResponse:
    """Keep a user out."""
    return _done(request, user_id, block_user, _("They are out: every sign-in of theirs has ended, and their tokens open nothing."))


@allowed(*ADMINISTRATORS)
@require_POST
def user_unblock(request: Signed, user_id: int) -> HttpResponse:
    """Let a user in again."""
    return _done(request, user_id, unblock_user, _("They can sign in again."))


@allowed(*ADMINISTRATORS)
@require_POST
def user_second_factor(request: Signed, user_id: int) -> HttpResponse:
    """Take away a second factor that was lost."""
    return _done(request, user_id, remove_second_factor, _("They sign in by password alone until they set up another second factor."))


@allowed(*ADMINISTRATORS)
@require_POST
def user_leads(request: Signed, user_id: int) -> HttpResponse:
    """Give away what somebody has who is out."""
    shown = get_object_or_404(User, pk=user_id)
    if shown.is_active:
        messages.error(request, _("They can sign in; block them first, or give their leads to others in the list of leads."))
    else:
        given, left = hand_on(user=shown, by=request.user.username, at=datetime.now(UTC))
        to_others = ngettext("{n} lead in work went to somebody else", "{n} leads in work went to others", given).format(n=given)
        messages.info(request, _("{given}; {n} are nobody's now.").format(given=to_others, n=left))
    return redirect("user-detail", shown.pk)


def _done(request: Signed, user_id: int, verb: Callable[..., User], said: str) -> HttpResponse:
    shown = get_object_or_404(User, pk=user_id)
    try:
        verb(user=shown, by=request.user.username, at=datetime.now(UTC))
        messages.info(request, said)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("user-detail", shown.pk)
