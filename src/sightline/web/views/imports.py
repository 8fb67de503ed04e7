"""Importing a file: choose, look at real rows, map, try, run, see what came of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.errors import NotFound, UserError
from sightline.ingest.actions.import_file import import_file
from sightline.ingest.actions.upload import queue_import
from sightline.ingest.mapping import MapFile, map_from
from sightline.ingest.models import ImportRun
from sightline.ingest.preview import Preview, preview
from sightline.ingest.result import ImportResult
from sightline.web.guards import member
from sightline.web.page import fragment, page
from sightline.web.shell import base_of
from sightline.web.uploads import Upload, UploadRefused, forget, put_aside, upload_of

HISTORY = 10
ROWS = 8


@require_http_methods(["GET", "POST"])
@member("import_data")
def start(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the first step: which dataset, which file."""
    problem: UserError | None = None
    if request.method == "POST":
        try:
            upload = _received(request, access)
        except UserError as error:
            problem = error
        else:
            return HttpResponseRedirect(f"{base_of(access.workspace)}data/import/{upload.key}")
    datasets = [(name, label_of(name, d.label), d.description) for name, d in access.folder.catalog.filled.items()]
    return page(
        request,
        "web/pages/import.html",
        title="Import a file",
        access=access,
        current="import",
        crumbs=(("Data", f"{base_of(access.workspace)}data"),),
        datasets=datasets,
        chosen=request.POST.get("dataset") or request.GET.get("dataset", ""),
        runs=ImportRun.objects.filter(workspace=access.workspace)[:HISTORY],
        problem=problem,
        status=400 if problem else 200,
    )


@require_http_methods(["GET", "POST"])
@member("import_data")
def step(request: HttpRequest, access: Access, run: str) -> HttpResponse:
    """Return the mapping of an upload, or how a started import goes."""
    if run.isdigit():
        return _run_page(request, access, int(run))
    upload = upload_of(run, workspace=access.workspace, by=access.user.email)
    result: ImportResult | None = None
    problem: UserError | None = None
    mapping = MapFile()
    try:
        mapping = _mapping(request)
        if request.POST.get("do") == "check":
            result = _tried(upload, access, mapping)
        if request.POST.get("do") == "run":
            return _started(upload, access, mapping)
    except UserError as error:
        problem = error
    return _mapping_page(request, access, upload, mapping, result, problem)


def _mapping_page(
    request: HttpRequest,
    access: Access,
    upload: Upload,
    mapping: MapFile,
    result: ImportResult | None,
    problem: UserError | None,
) -> HttpResponse:
    shown: Preview | None = None
    try:
        shown = preview(folder=access.folder, dataset=upload.dataset, path=upload.path, mapping=mapping, rows=ROWS)
    except UserError as error:
        problem = problem or error
    dataset = access.folder.catalog.dataset(upload.dataset)
    return page(
        request,
        "web/pages/import_map.html",
        title=f"Import {upload.file_name}",
        access=access,
        current="import",
        crumbs=(("Import a file", f"{base_of(access.workspace)}data/import"),),
        upload=upload,
        dataset_label=label_of(upload.dataset, dataset.label),
        preview=shown,
        fields=_fields(access, upload.dataset, shown) if shown else [],
        result=result,
        problem=problem,
        status=400 if problem else 200,
    )


def _run_page(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    run = ImportRun.objects.filter(pk=number, workspace=access.workspace).first()
    if run is None:
        raise NotFound("there is no such import")
    catalog = access.folder.catalog
    label = label_of(run.dataset, catalog.datasets[run.dataset].label if run.dataset in catalog.datasets else "")
    context: dict[str, Any] = {"run": run, "label": label, "can_see_held": access.allows("see_quarantine")}
    if request.headers.get("HX-Request"):
        return fragment(request, "web/parts/import_state.html", access=access, **context)
    return page(
        request,
        "web/pages/import_run.html",
        title=f"Import of {run.file_name}",
        access=access,
        current="import",
        crumbs=(("Import a file", f"{base_of(access.workspace)}data/import"),),
        **context,
    )


def _received(request: HttpRequest, access: Access) -> Upload:
    dataset = access.folder.catalog.dataset(request.POST.get("dataset", ""))
    file = request.FILES.get("file")
    if file is None or not file.name:
        raise UploadRefused("no file was chosen", hint="Choose a CSV, XLSX, Parquet or JSON lines file.")
    return put_aside(
        file.chunks(), file_name=file.name, workspace=access.workspace, dataset=dataset.name, by=access.user.email
    )


def _mapping(request: HttpRequest) -> MapFile:
    """Return the map that the form says: `map-<column>` names a column of the file, empty leaves it to the names."""
    columns = {
        name.removeprefix("map-"): value for name, value in request.POST.items() if name.startswith("map-") and value
    }
    return map_from({"columns": columns}) if columns else MapFile()


def _tried(upload: Upload, access: Access, mapping: MapFile) -> ImportResult:
    return import_file(
        folder=access.folder,
        dataset=upload.dataset,
        path=upload.path,
        mapping=mapping,
        dry_run=True,
        now=timezone.now(),
        by=access.actor,
    )


def _started(upload: Upload, access: Access, mapping: MapFile) -> HttpResponse:
    run = queue_import(
        workspace=access.workspace,
        dataset=upload.dataset,
        path=upload.path,
        file_name=upload.file_name,
        mapping=mapping,
        by=access.actor,
        now=timezone.now(),
    )
    forget(upload)
    return HttpResponseRedirect(f"{base_of(access.workspace)}data/import/{run.pk}")


def _fields(access: Access, dataset: str, shown: Preview) -> list[dict[str, Any]]:
    """Return one line per column of the dataset: where it comes from, and how well it reads."""
    covered = {each.column: each for each in shown.coverage}
    return [
        {
            "name": name,
            "label": label_of(name, column.label),
            "type": column.type,
            "source": shown.sources.get(name, ""),
            "filled": f"{covered[name].filled:.0%}" if name in covered else "",
            "unreadable": f"{covered[name].unreadable:.0%}" if name in covered and covered[name].unreadable else "",
            "example": covered[name].example if name in covered else "",
        }
        for name, column in access.folder.catalog.dataset(dataset).columns.items()
    ]
