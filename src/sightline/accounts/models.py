"""People, their places in workspaces, their tokens and preferences, and the audit log.

A workspace is a folder (see `home`), so rows name it by its name.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class People(BaseUserManager["User"]):
    """People by e-mail address, which is kept in lower case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())

    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> User:
        """Return a new person. Without a password nobody can sign in until one is set by e-mail."""
        user = User(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person, who signs in with an e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = People()

    def __str__(self) -> str:
        return self.email

    @property
    def shown_name(self) -> str:
        """The name people see: the given one, else the part of the address before the @."""
        return self.name or self.email.partition("@")[0]


class Membership(models.Model):
    """A person's role in one workspace, with the attributes that row policies use (`$user.school`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.CharField(max_length=63)
    role = models.CharField(max_length=63)
    attributes = models.JSONField(default=dict, blank=True)  # name → list of strings
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "workspace"], name="one_membership_per_workspace")]
        ordering = ["user__email"]

    def __str__(self) -> str:
        return f"{self.user} as {self.role} in {self.workspace}"


class ApiToken(models.Model):
    """A secret that acts for a person, within its scopes. Only a hash of the secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)  # not secret: shown in lists and the audit log
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditEntry(models.Model):
    """One line of the audit log. Rows are only ever added: triggers refuse changes, hashes show tampering."""

    at = models.DateTimeField()
    workspace = models.CharField(max_length=63, blank=True, default="", db_index=True)
    actor = models.CharField(max_length=320)
    verb = models.CharField(max_length=63, db_index=True)
    object = models.CharField(max_length=320, blank=True, default="")
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=45, blank=True, default="")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor} {self.verb} {self.object}"


class SavedFilter(models.Model):
    """A person's named selection on one dashboard: the query string of its address."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    workspace = models.CharField(max_length=63)
    dashboard = models.CharField(max_length=63)
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=4000, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "workspace", "dashboard", "name"], name="one_saved_filter_per_name"
            ),
            models.UniqueConstraint(
                fields=["user", "workspace", "dashboard"],
                condition=models.Q(is_default=True),
                name="one_default_filter_per_dashboard",
            ),
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SignInAttempt(models.Model):
    """One try to sign in. It is written as failed before the password is looked at, so that tries in parallel count."""

    email = models.CharField(max_length=320)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()
    succeeded = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["email", "at"], name="attempts_of_account"),
            models.Index(fields=["address", "at"], name="attempts_from_address"),
        ]

    def __str__(self) -> str:
        return f"{self.email} from {self.address}"


Detail = dict[str, Any]
