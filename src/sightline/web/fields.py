"""Form fields as the templates draw them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One labelled input; `error` replaces the hint."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    autocomplete: str = ""
    hint: str = ""
    error: str = ""
    optional: bool = False
    autofocus: bool = False

    @property
    def id(self) -> str:
        return f"f-{self.name}"
