"""How passwords are kept: by Argon2id, which takes memory of whoever guesses, too; see OWASP's Password Storage Cheat Sheet."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """With the least that OWASP asks for: Django's own 100 MiB each would fill a small machine where a few sign in at once."""

    memory_cost = 19_456  # [KiB]
    time_cost = 2
    parallelism = 1
