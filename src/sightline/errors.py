"""The family every Sightline error belongs to. Concrete classes live beside the code that raises them."""

from __future__ import annotations

from typing import ClassVar


class SightlineError(Exception):
    """An error with a stable code and a message written for the person who can act on it.

    `code` identifies the kind of error for scripts and documentation. `permanent` says whether trying
    again unchanged can help. `hint` names the next step.
    """

    code: ClassVar[str] = "SL-E000"
    permanent: ClassVar[bool] = True

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text} [{self.code}]"

    @property
    def text(self) -> str:
        """What happened and the next step, as one or two sentences."""
        if not self.hint:
            return self.message
        return f"{self.message}{'. ' if self.hint[0].isupper() else '; '}{self.hint}"


class UserError(SightlineError):
    """The request, file or definition is wrong: shown to the user as it is."""

    code = "SL-E001"


class NotAllowed(UserError):
    """The viewer may not do this. The message never says whether the object exists."""

    code = "SL-E003"


class NotFound(UserError):
    """No such object, or none that the viewer may see."""

    code = "SL-E004"


class Conflict(SightlineError):
    """Somebody else changed the same thing first: trying again helps."""

    code = "SL-E009"
    permanent = False


class InternalError(SightlineError):
    """A broken invariant: logged with its cause, shown to the user only as a reference."""

    code = "SL-E500"
