"""Opening a source: its specification, its secrets, and what it may use of the world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings

from sightline.errors import NotFound
from sightline.home import WorkspaceFolder
from sightline.home.vault import Vault
from sightline.ingest.models import Source, SourceSecret
from sightline.ingest.spec import SourceSpec, config_of, connector_of, spec_from
from sightline.sources.base import Source as OpenSource
from sightline.sources.base import Surroundings


def source_named(workspace: str, name: str) -> Source:
    """Return a workspace's source. Raises NotFound."""
    found = Source.objects.filter(workspace=workspace, name=name).first()
    if found is None:
        names = ", ".join(Source.objects.filter(workspace=workspace).values_list("name", flat=True)) or "none yet"
        raise NotFound(f'there is no source "{name}"', hint=f"There are: {names}.")
    return found


def spec_of(source: Source) -> SourceSpec:
    """Return a source's specification as it stands."""
    return spec_from(source.spec, where=source.name)


def secrets_of(source: Source) -> dict[str, str]:
    """Return a source's secrets, opened. Raises SecretLost when the installation's key has changed."""
    vault = Vault(settings.SIGHTLINE.secret_key)
    return {secret.field: vault.open(secret.sealed) for secret in source.secrets.all()}


def keep_secrets(source: Source, values: Mapping[str, str], *, now: datetime) -> None:
    """Store secrets, sealed, in place of what they were."""
    vault = Vault(settings.SIGHTLINE.secret_key)
    for field, value in values.items():
        SourceSecret.objects.update_or_create(
            source=source, field=field, defaults={"sealed": vault.seal(value), "changed_at": now}
        )


def surroundings_of(
    source: Source, spec: SourceSpec, folder: WorkspaceFolder, *, clock: Callable[[], datetime]
) -> Surroundings:
    """Return what a source may use: private addresses when allowed, and the workspace's own folder of files."""

    def keep(field: str, value: str) -> None:
        keep_secrets(source, {field: value}, now=clock())

    return Surroundings(
        now=clock,
        allow_private=spec.private_network and settings.SIGHTLINE.private_sources,
        keep_secret=keep,
        folders=(folder.path / "files", *(Path(each) for each in settings.SIGHTLINE.source_folders)),
    )


@contextmanager
def opened(source: Source, folder: WorkspaceFolder, *, clock: Callable[[], datetime]) -> Iterator[OpenSource]:
    """Give an open connection to a source, closed afterwards."""
    spec = spec_of(source)
    around = surroundings_of(source, spec, folder, clock=clock)
    connection = connector_of(spec).open(config_of(spec, secrets_of(source)), around)
    try:
        yield connection
    finally:
        connection.close()
