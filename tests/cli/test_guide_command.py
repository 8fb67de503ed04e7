"""`sightline guide` writes the guides of a workspace, or of a pack without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from sightline.guides.kinds import GUIDES

pytestmark = pytest.mark.req("SAA-9")


def test_a_pack_and_a_workspace_have_guides(run: Callable[..., Result], tmp_path: Path, repository: Path) -> None:
    for number, options in enumerate([(), ("--pack", "saas"), ("--pack", str(repository / "examples" / "retail"))]):
        out = tmp_path / str(number)
        done = run("guide", *options, "--out", str(out))
        assert done.exit_code == 0, done.output
        assert {path.name for path in out.iterdir()} == {f"{name}.md" for name in GUIDES}
    assert "### Customer retention" in (tmp_path / "2" / "metrics.md").read_text()


def test_a_pack_that_is_not_there_is_told(run: Callable[..., Result], tmp_path: Path) -> None:
    done = run("guide", "--pack", "saaas", "--out", str(tmp_path))
    assert done.exit_code != 0
    assert not list(tmp_path.iterdir())
