"""Every write to views, and to lists as they are named in views and models."""

from vaglio_server.views.actions.lists import Renamed, rename_list
from vaglio_server.views.actions.views import change_view, remove_view, save_view, tell_export

__all__ = ["Renamed", "change_view", "remove_view", "rename_list", "save_view", "tell_export"]
