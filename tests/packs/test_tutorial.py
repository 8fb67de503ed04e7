"""The tutorial, followed to the letter: its files are written, its commands run and print what it shows."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from example_home import LATER, ExampleHome, sightline, words

from sightline.dashboards.build import dashboard_view
from sightline.dashboards.selection import parse
from sightline.definitions.policy import SYSTEM_VIEWER, Viewer, policy_of

pytestmark = pytest.mark.req("PLT-3", "PLT-9")
BLOCK = re.compile(r"(?:^`(?P<file>[\w./]+)`\n\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block of code; `file` names the file that it is, if it is one."""

    file: str
    text: str


def blocks(document: Path) -> Iterator[Block]:
    for found in BLOCK.finditer(document.read_text()):
        assert bool(found["file"]) == bool(found["kind"]), f"a file without its name: {found['text']}"
        yield Block(found["file"] or "", found["text"])


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """Return the folder in which the tutorial was followed."""
    folder = tmp_path_factory.mktemp("tutorial")
    printed = ""
    for block in blocks(repository / "docs" / "tutorial.md"):
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text)
        elif block.text.startswith("sightline"):
            printed = "".join(_run(line, folder) for line in block.text.splitlines())
        else:
            lines = {words(line) for line in printed.splitlines()}
            assert {words(line) for line in block.text.splitlines() if "─" not in line} <= lines, printed
    return folder


def _run(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "sightline"
    return "" if arguments[-1] == "serve" else sightline(*arguments, cwd=folder)


def test_its_dashboards_draw_every_panel(followed: Path) -> None:
    warehouse = ExampleHome(followed / "home", "bakery").warehouse
    assert set(warehouse.catalog.dashboards) == {"data_health", "sales", "shops"}  # every workspace has the first
    for dashboard in (warehouse.catalog.dashboard(name) for name in ("sales", "shops")):
        selection = parse({}, dashboard=dashboard, catalog=warehouse.catalog).selection
        view = dashboard_view(dashboard, selection, SYSTEM_VIEWER, warehouse=warehouse, now=LATER)
        assert [panel.state for panel in view.panels] == ["ok"] * len(dashboard.panels)


def test_its_roles_see_what_it_says(followed: Path) -> None:
    home = ExampleHome(followed / "home", "bakery")
    lead = Viewer("lead", policy_of(home.warehouse.catalog.roles["shop_lead"], {"shop": ["Market"]}))
    assert home.ask("revenue", now=LATER, viewer=lead).cell(0, "revenue").value == 27
    assert home.ask("basket", now=LATER).cell(0, "basket").value == pytest.approx(42 / 5)


def test_the_misspelling_that_it_suggests_is_told_with_its_place(followed: Path) -> None:
    from_file = followed / "bakery" / "metrics" / "baskets.yaml"
    text = from_file.read_text()
    try:
        from_file.write_text(text.replace("numerator: revenue", "numerator: revenu"))
        with pytest.raises(AssertionError, match=r'baskets\.yaml:6:\d+(.|\n)*did you mean "revenue"'):
            sightline("check", str(followed / "bakery"))
    finally:
        from_file.write_text(text)


def test_its_guide_is_written(followed: Path) -> None:
    guide = (followed / "guides" / "metrics.md").read_text()
    assert "### Revenue per receipt" in guide
    assert "- **Off track**: below €6. Baker acts now" in guide
