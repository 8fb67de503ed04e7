"""Setting up a source, or changing it: every change is a version, and all of it stands or falls together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from sightline.accounts import audit
from sightline.accounts.access import Access
from sightline.definitions.catalog import did_you_mean
from sightline.errors import UserError
from sightline.ingest.connections import keep_secrets, secrets_of
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import Source, SourceVersion
from sightline.ingest.spec import PUSHED, BadSource, SourceSpec, config_of, connector_of, secret_fields
from sightline.ingest.sync.schedule import next_run

SIGNING_SECRETS = ("signing_secret", "previous_signing_secret")


def save_source(
    *, access: Access, spec: SourceSpec, secrets: Mapping[str, str], now: datetime, reason: str = ""
) -> Source:
    """Return the source, made or changed. `secrets` are added to those it has.

    Raises BadSource when the specification does not fit the connector or the datasets, PermissionMissing without the
    right to manage sources, or, for private addresses, settings.
    """
    access.require("manage_sources")
    require_private_is_allowed(access, spec)
    known = Source.objects.filter(workspace=access.workspace, name=spec.name).first()
    _require_same_kind(known, spec)
    _require_datasets(access, spec)
    _require_config(spec, {**(secrets_of(known) if known else {}), **secrets})
    document = spec.model_dump(mode="json", exclude_defaults=True)
    with transaction.atomic():
        source = known or Source(workspace=access.workspace, name=spec.name, kind=spec.type, created_at=now, version=0)
        before = source.spec if known else None
        source.spec, source.changed_at, source.version = document, now, source.version + (before != document)
        source.next_run_at = next_run(spec, zone=access.folder.catalog.settings.zone, now=now)
        source.save()
        if before != document:
            SourceVersion.objects.create(
                source=source, number=source.version, spec=document, by=access.actor, at=now, reason=reason[:500]
            )
        keep_secrets(source, secrets, now=now)
        _audit(access, source, before, secrets, reason, now)
    return source


def _audit(
    access: Access, source: Source, before: object, secrets: Mapping[str, str], reason: str, now: datetime
) -> None:
    audit.record(
        workspace=access.workspace,
        actor=access.actor,
        verb="connected a source" if before is None else "changed a source",
        object=source.name,
        detail={
            "version": source.version,
            "before": before,
            "after": source.spec,
            "new secrets": sorted(secrets),
            "reason": reason,
        },
        now=now,
    )


def require_private_is_allowed(access: Access, spec: SourceSpec) -> None:
    """Raise unless a source that may reach private addresses is set up by an admin, where the operator allows it."""
    if not spec.private_network:
        return
    access.require("manage_settings")
    if not settings.SIGHTLINE.private_sources:
        raise BadSource(
            f"{spec.name} › private_network: this installation lets no source reach private addresses",
            hint="Its operator can set the option private_sources.",
        )


def _require_same_kind(known: Source | None, spec: SourceSpec) -> None:
    if known is not None and known.kind != spec.type:
        raise BadSource(
            f'{spec.name} › type: the source is of type "{known.kind}", which cannot be changed to "{spec.type}"',
            hint="Remove it, or give the new one another name.",
        )


def _require_datasets(access: Access, spec: SourceSpec) -> None:
    datasets = access.folder.catalog.filled
    problems = []
    for name, stream in spec.streams.items():
        dataset = datasets.get(stream.dataset)
        where = f"{spec.name} › streams › {name}"
        if dataset is None:
            guess = did_you_mean(stream.dataset, datasets)
            problems.append(f'{where} › dataset: there is no dataset "{stream.dataset}"; {guess}')
            continue
        problems += [f"{where} › map › {problem}" for problem in _unknown_columns(stream.map, dataset.columns)]
        if not dataset.key_columns and spec.type != PUSHED:
            problems.append(
                f'{where} › dataset: "{stream.dataset}" has no key, so records read twice would be there twice'
            )
    if problems:
        raise BadSource("\n".join(problems))


def _unknown_columns(mapping: MapFile, columns: Mapping[str, object]) -> list[str]:
    return [
        f'{section}: the dataset has no column "{name}"; {did_you_mean(name, columns)}'
        for section in ("columns", "defaults", "values")
        for name in getattr(mapping, section)
        if name not in columns
    ]


def _require_config(spec: SourceSpec, secrets: Mapping[str, str]) -> None:
    allowed = SIGNING_SECRETS if spec.type == PUSHED else secret_fields(connector_of(spec).config)
    for name in secrets:
        if name not in allowed:
            raise UserError(f'a source of type "{spec.type}" has no secret "{name}"', hint=did_you_mean(name, allowed))
    if spec.type != PUSHED:
        config_of(spec, secrets)
