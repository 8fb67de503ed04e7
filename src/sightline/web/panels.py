"""How the blocks of a dashboard lie on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sightline.dashboards.view import PanelView, Strip, TableView

COLUMNS = 12


@dataclass(frozen=True)
class PanelGroup:
    """Either a strip of tiles, or panels that share a grid. `wide`: one table over the whole width."""

    tiles: tuple[PanelView, ...] = ()
    panels: tuple[PanelView, ...] = ()

    @property
    def wide(self) -> bool:
        if len(self.panels) != 1 or self.panels[0].span != COLUMNS:
            return False
        return isinstance(self.panels[0], TableView) and not self.panels[0].scrolls


def groups_of(blocks: Sequence[Strip]) -> tuple[PanelGroup, ...]:
    """Return the blocks with neighbouring panels gathered into rows of twelve columns."""
    groups: list[PanelGroup] = []
    row: list[PanelView] = []
    for block in blocks:
        if block.tiles:
            groups += [PanelGroup(panels=tuple(row))] if row else []
            groups.append(PanelGroup(tiles=block.tiles))
            row = []
        elif block.panel is not None:
            if sum(panel.span for panel in row) + block.panel.span > COLUMNS:
                groups += [PanelGroup(panels=tuple(row))] if row else []
                row = []
            row.append(block.panel)
    groups += [PanelGroup(panels=tuple(row))] if row else []
    return tuple(groups)
