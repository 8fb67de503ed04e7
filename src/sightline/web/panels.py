"""How the blocks of a dashboard lie on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sightline.dashboards.view import PanelView, Strip, TableView

COLUMNS = 12


@dataclass(frozen=True)
class PanelGroup:
    """Either a strip of tiles, or panels that share a grid. `wide`: one table over the whole width."""

    tiles: tuple[PanelView, ...] = ()
    panels: tuple[PanelView, ...] = ()

    @property
    def columns(self) -> tuple[tuple[PanelView, ...], ...]:
        """The panels as they stand beside one another, those that stand `below` another with it."""
        found: list[tuple[PanelView, ...]] = []
        for panel in self.panels:
            if found and panel.below:
                found[-1] = (*found[-1], panel)
            else:
                found.append((panel,))
        return tuple(found)

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
            below = bool(row) and block.panel.below
            if not below and sum(panel.span for panel in row if not panel.below) + block.panel.span > COLUMNS:
                groups += [PanelGroup(panels=tuple(row))] if row else []
                row = []
            # the first of a row has nothing above it in the row, whatever it says
            row.append(block.panel if row or not block.panel.below else replace(block.panel, below=False))
    groups += [PanelGroup(panels=tuple(row))] if row else []
    return tuple(groups)
