"""Users, teams, tokens, and the trail of what everybody did."""

from vaglio_server.users.actions.invitations import Joined, LinkVoid, invite_user, join, make_link
from vaglio_server.users.actions.teams import TeamTaken, create_team, remove_team, rename_team
from vaglio_server.users.actions.tokens import create_token, note_used, revoke_token
from vaglio_server.users.actions.trail import audit, audit_many
from vaglio_server.users.actions.users import (
    block_user,
    change_user,
    create_first_administrator,
    create_user,
    note_seen,
    remove_second_factor,
    unblock_user,
)

__all__ = [
    "Joined",
    "LinkVoid",
    "TeamTaken",
    "audit",
    "audit_many",
    "block_user",
    "change_user",
    "create_first_administrator",
    "create_team",
    "create_token",
    "create_user",
    "invite_user",
    "join",
    "make_link",
    "note_seen",
    "note_used",
    "remove_second_factor",
    "remove_team",
    "rename_team",
    "revoke_token",
    "unblock_user",
]
