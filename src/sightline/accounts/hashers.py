"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 46 MiB, two passes, one lane: about 50 ms.

    Django's own parameters take 100 MiB and eight threads for each sign-in, which eight sign-ins at once
    would turn into 800 MiB on a small server.
    """

    time_cost = 2
    memory_cost = 47_104
    parallelism = 1
