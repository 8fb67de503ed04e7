"""Every case of the behaviour suite: one module per connector, one line each."""

from __future__ import annotations

from behaviour import Case

ALL: tuple[Case, ...] = ()
