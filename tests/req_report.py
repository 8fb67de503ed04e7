"""`pytest --req-report`: which requirements have a test. Every id in a `req` marker must be a known requirement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[1] / "docs" / "requirements.txt"
LINE = re.compile(r"([A-Z]{3}-\d+(?:\.\d+)?) +(\S.*)")


@dataclass(frozen=True)
class Marked:
    """One test that says it proves a requirement."""

    id: str
    test: str


@cache
def requirements() -> dict[str, str]:
    """Return the title of each requirement by its id, in the order of the file."""
    titles: dict[str, str] = {}
    for number, line in enumerate(REQUIREMENTS.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if not match:
            raise ValueError(f'{REQUIREMENTS.name}:{number}: "{line}" is not an id and a title')
        if match[1] in titles:
            raise ValueError(f"{REQUIREMENTS.name}:{number}: {match[1]} stands there twice")
        titles[match[1]] = match[2]
    return titles


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--req-report",
        action="store_true",
        help="list the requirements with and without a test, and run nothing",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """One process collects everything: the report needs no workers."""
    if config.getoption("--req-report") and hasattr(config.option, "numprocesses"):
        config.option.numprocesses = 0
        config.option.dist = "no"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A misspelt id fails its test (a worker that raises while collecting would hide the message)."""
    for name in _unknown([item]):
        pytest.fail(f"the marker names {name}, which is not in docs/requirements.txt", pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not session.config.getoption("--req-report"):
        return None
    if unknown := _unknown(session.items):
        raise pytest.UsageError(f"not in docs/requirements.txt: {', '.join(unknown)}")
    tests: dict[str, set[str]] = {}
    for mark in _marks(session.items):
        tests.setdefault(mark.id, set()).add(mark.test)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    for line in report(requirements(), tests):
        reporter.write_line(line)
    return True


def report(titles: Mapping[str, str], tests: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield the lines of the report: ids with a test and how many, then ids without one, then the count."""
    yield ""
    yield "Requirements with a test"
    for name, title in titles.items():
        if name in tests:
            yield f"  {name:<9} {title}  ({len(tests[name])} {'test' if len(tests[name]) == 1 else 'tests'})"
    yield ""
    yield "Requirements without a test"
    for name, title in titles.items():
        if name not in tests:
            yield f"  {name:<9} {title}"
    yield ""
    yield f"{len(tests)} of {len(titles)} requirements have a test"


def _marks(items: list[pytest.Item]) -> Iterator[Marked]:
    for item in items:
        for marker in item.iter_markers("req"):
            for name in marker.args:
                yield Marked(str(name), item.nodeid.partition("[")[0])


def _unknown(items: list[pytest.Item]) -> list[str]:
    known = requirements()
    return sorted({f"{mark.id} ({mark.test})" for mark in _marks(items) if mark.id not in known})
