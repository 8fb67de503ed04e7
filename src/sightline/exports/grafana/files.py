"""The files of a Grafana export: a JSON per dashboard, and what makes Grafana load them by itself."""

from __future__ import annotations

import json
from typing import Any

from sightline.exports.files import ExportContext, ExportFile, NothingToExport, yaml_text
from sightline.exports.grafana.board import SOURCE_UID, board
from sightline.exports.grafana.promql import Queries

FOLDER = "/var/lib/grafana/dashboards"
"""Where the provisioning file looks for the dashboards; edit it where they lie elsewhere."""


def grafana_files(context: ExportContext) -> tuple[ExportFile, ...]:
    """Return every dashboard, and the provisioning of data source and dashboards. Raises NothingToExport."""
    if not context.catalog.dashboards:
        hint = "Add a pack with dashboards to its settings."
        raise NothingToExport(f'workspace "{context.workspace}" has no dashboards', hint=hint)
    queries = Queries.of(context)
    boards = [
        ExportFile(f"dashboards/{context.workspace}/{name}.json", _json(board(dashboard, queries)))
        for name, dashboard in sorted(context.catalog.dashboards.items())
    ]
    about = "Sightline: written by `sightline export grafana`."
    return (
        *boards,
        ExportFile("provisioning/datasources/sightline.yaml", yaml_text(_datasource(context), about=about)),
        ExportFile("provisioning/dashboards/sightline.yaml", yaml_text(_provider(context), about=about)),
    )


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _datasource(context: ExportContext) -> dict[str, Any]:
    source = {
        "name": "Sightline",
        "uid": SOURCE_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": context.prometheus,
        "isDefault": False,
        "editable": True,
        "jsonData": {"httpMethod": "POST", "timeInterval": "5m"},
    }
    return {"apiVersion": 1, "datasources": [source]}


def _provider(context: ExportContext) -> dict[str, Any]:
    provider = {
        "name": f"sightline-{context.workspace}",
        "orgId": 1,
        "folder": context.catalog.settings.label or context.workspace,
        "type": "file",
        "disableDeletion": False,
        "allowUiUpdates": False,
        "updateIntervalSeconds": 60,
        "options": {"path": f"{FOLDER}/{context.workspace}"},
    }
    return {"apiVersion": 1, "providers": [provider]}
