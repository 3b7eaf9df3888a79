"""Signing in: by password, with a second factor, and not too often."""

from typing import Any

from tests.server.web.people import PASSWORD, signed_in
from tests.server.world import HOST

LOGIN = "/accounts/login/"


def client() -> Any:
    from django.test import Client

    return Client(headers=HOST)


def test_by_name_or_by_mail_address(company: dict[str, Any]) -> None:
    for login in ("ada", "ada@vaglio.example"):
        one = client()
        answer = one.post(LOGIN, {"login": login, "password": PASSWORD})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert one.get("/").status_code == 200
        one.post("/accounts/logout/")
        assert one.get("/").status_code == 302


def test_a_password_that_was_kept_otherwise_is_kept_by_argon2_from_the_next_sign_in_on(company: dict[str, Any]) -> None:
    from django.contrib.auth.hashers import make_password

    ada = company["ada"]
    type(ada).objects.filter(pk=ada.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    for _ in range(2):
        assert client().post(LOGIN, {"login": "ada", "password": PASSWORD}).status_code == 302
        ada.refresh_from_db()
        assert ada.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert client().post(LOGIN, {"login": "ada", "password": PASSWORD + "x"}).status_code == 200


def test_a_wrong_password_says_so_and_many_of_them_are_stopped(company: dict[str, Any]) -> None:
    from django.core.cache import cache

    one = client()
    answers = [one.post(LOGIN, {"login": "ada", "password": "wrong"}) for _ in range(12)]
    assert answers[0].status_code == 200 and "not correct" in answers[0].content.decode()
    assert one.post(LOGIN, {"login": "ada", "password": PASSWORD}).status_code != 302
    cache.clear()
    # Another web process counts along: attempts are kept in the database.
    assert type(cache).__name__ != "LocMemCache" and "Too many" in answers[-1].content.decode()


def test_nobody_signs_up_or_resets_by_mail(company: dict[str, Any]) -> None:
    for address in ("/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"):
        assert client().get(address).status_code == 404
    page = client().get(LOGIN).content.decode()
    assert "sign up" not in page.lower() and "forgot" not in page.lower()


def test_a_second_factor_is_asked_for_once_it_is_set_up(company: dict[str, Any]) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value, yield_hotp_counters_from_time

    secret = generate_totp_secret()
    TOTP.activate(company["ada"], secret)
    one = client()
    answer = one.post(LOGIN, {"login": "ada", "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert one.get("/").status_code == 302
    assert one.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert one.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/"
    assert one.get("/").status_code == 200


def test_setting_up_a_second_factor_shows_a_picture_to_scan(company: dict[str, Any]) -> None:
    one = client()
    one.post(LOGIN, {"login": "marta", "password": PASSWORD})
    asked = one.get("/accounts/2fa/totp/activate/")["Location"]
    assert asked.startswith("/accounts/reauthenticate/")  # a machine left open must not be enough
    page = one.post(asked, {"password": PASSWORD}, follow=True).content.decode()
    assert "data:image/svg+xml" in page


def test_pages_carry_a_strict_policy(company: dict[str, Any]) -> None:
    answer = signed_in(company["ada"]).get("/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff"
    page = answer.content.decode()
    assert " style=" not in page and "onclick" not in page and "<script>" not in page
