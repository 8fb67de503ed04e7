"""Loading files into datasets."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import yaml
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile as Upload
from django.http import HttpRequest
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile

from sightline.api.auth import Bearer, access_to, request_time
from sightline.api.errors import InvalidRequest, TooLarge
from sightline.api.paths import Workspace
from sightline.api.schemas.imports import ImportBody
from sightline.api.schemas.problem import PROBLEMS
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.mapping import MapFile, map_from

router = Router(tags=["datasets"])


@router.post(
    "/datasets/{dataset}/import",
    response={200: ImportBody, **PROBLEMS},
    operation_id="import_file",
    summary="Load a file into a dataset",
    auth=Bearer(),
)
def load_file(
    request: HttpRequest,
    workspace: Workspace,
    dataset: str,
    file: Annotated[UploadedFile, File(description="CSV, XLSX, Parquet or JSON lines, by the ending of its name.")],
    mapping: Annotated[str, Form(alias="map", description="A map as YAML or JSON; a known file needs none.")] = "",
    dry_run: Annotated[bool, Query(description="Say what would happen and write nothing.")] = False,
) -> ImportBody:
    """Answers when the rows are published. The same file may be sent again: nothing is added twice."""
    access = access_to(request, workspace, permission="import_data")
    with _kept(file) as path:
        result = import_file(
            folder=access.folder,
            dataset=dataset,
            path=path,
            mapping=_map_of(mapping),
            dry_run=dry_run,
            now=request_time(),
            by=access.actor,
        )
    return ImportBody.model_validate(result.as_dict())


@contextmanager
def _kept(file: Upload[bytes]) -> Iterator[Path]:
    """Keep the upload as a file of its own name, whose ending tells its kind, until the import is over."""
    limit = settings.SIGHTLINE.upload_limit_mb * 1_000_000
    if file.size is not None and file.size > limit:
        raise TooLarge(f"the file has {file.size:,} bytes, {limit:,} are allowed", hint="the option is upload_limit_mb")
    uploads = Path(settings.SIGHTLINE_HOME) / "uploads"
    with tempfile.TemporaryDirectory(dir=uploads) as folder:
        path = Path(folder) / (Path(file.name or "").name or "upload")
        with path.open("wb") as target:
            shutil.copyfileobj(file, target, 1 << 20)
        yield path


def _map_of(text: str) -> MapFile | None:
    """Return the map; JSON is YAML."""
    if not text.strip():
        return None
    try:
        return map_from(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise InvalidRequest(
            f"the map is not YAML: {error}", hint="send an object with columns, values, defaults"
        ) from error
