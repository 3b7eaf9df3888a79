"""Passwords that are made quickly: what is tested here is not how long guessing them takes."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quick_passwords() -> Iterator[None]:
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
