"""The cast."""

from cast import cast, home

__all__ = ["cast", "home"]
