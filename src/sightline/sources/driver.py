"""The driver of a database or protocol, which may not be installed."""

from __future__ import annotations

import importlib
from typing import Any

from sightline.sources.base import SourceError


class MissingDriver(SourceError):
    """The package that speaks with this kind of source is not installed."""

    code = "SL-E320"


def driver(package: str, *, label: str, extra: str) -> Any:
    """Return a driver's module. Raises MissingDriver that says how to install it."""
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise MissingDriver(
            f'{label} needs the package "{package}", which is not installed',
            hint=f"Install it with `pip install 'sightline[{extra}]'`.",
        ) from error
