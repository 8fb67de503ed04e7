"""The kinds of export, one line each: `sightline export KIND` goes by this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sightline.definitions.catalog import did_you_mean
from sightline.errors import UserError
from sightline.exports.files import ExportContext, ExportFile
from sightline.exports.grafana.files import grafana_files
from sightline.exports.ossie.model import ossie_files
from sightline.exports.prometheus_rules import rule_files
from sightline.registry import Registry


class UnknownExport(UserError):
    """There is no such kind of export."""

    code = "SL-E400"


@dataclass(frozen=True)
class ExportKind:
    """One kind: what makes its files. `one_file` says that `--out` names the file and not a folder."""

    files: Callable[[ExportContext], tuple[ExportFile, ...]]
    summary: str
    one_file: bool = False


KINDS: Registry[ExportKind] = Registry(
    "kind of export",
    {
        "prometheus": ExportKind(rule_files, "recording and alerting rules, and how to scrape"),
        "grafana": ExportKind(grafana_files, "every dashboard, with provisioning files"),
        "ossie": ExportKind(ossie_files, "the semantic model of Apache Ossie", one_file=True),
    },
)


def kind_named(name: str) -> ExportKind:
    """Return the kind. Raises UnknownExport, which suggests the nearest."""
    if name not in KINDS:
        raise UnknownExport(f'unknown export "{name}"', hint=did_you_mean(name, KINDS))
    return KINDS[name]
