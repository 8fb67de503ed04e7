"""The mapping of a stream, with real rows of it as they are and as they would be stored."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sightline.accounts.access import Access
from sightline.definitions.schema.base import label_of
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotFound, SightlineError
from sightline.ingest.actions.save_source import save_source
from sightline.ingest.connections import source_named, spec_of
from sightline.ingest.mapping import MapFile
from sightline.ingest.models import Source
from sightline.ingest.preview import Preview, preview_records
from sightline.ingest.quarantine import sees_personal_data
from sightline.ingest.spec import PUSHED, SourceSpec, spec_from
from sightline.ingest.trial import Sample, sample_stream
from sightline.web.guards import member
from sightline.web.page import fragment, page
from sightline.web.shell import base_of
from sightline.web.source_mapping import lines_of, map_typed
from sightline.web.views.source_form import POLICIES

ROWS = 6


@require_http_methods(["GET", "POST"])
@member("manage_sources")
def show(request: HttpRequest, access: Access, name: str, stream: str) -> HttpResponse:
    """Return the map of a stream as a form, what it makes of real rows, or the way on when it is saved."""
    source = source_named(access.workspace, name)
    spec = spec_of(source)
    if stream not in spec.streams:
        raise NotFound(f'source "{name}" has no stream "{stream}"')
    dataset = access.folder.catalog.dataset(spec.streams[stream].dataset)
    mapping, problem = spec.streams[stream].map, None
    try:
        if request.method == "POST":
            mapping = map_typed(request.POST, dataset)
            if request.POST.get("do") == "save":
                return _saved(request, access, spec, stream, mapping)
    except SightlineError as error:
        problem = error
    context = _context(access, source, spec, stream, dataset)
    if _wants_rows(request) and problem is None:
        shown, failed = _looked(access, spec, stream, dataset, mapping)
        context |= {"preview": shown, "sample_problem": failed}
    lines = lines_of(dataset, mapping, context["preview"])
    most = request.POST.get("deletes_at_most") or spec.streams[stream].deletes_at_most
    context |= {"lines": lines, "mapping": mapping, "problem": problem, "deletes_at_most": most}
    if request.headers.get("HX-Request"):
        return fragment(request, "web/parts/source_sample.html", access=access, is_swap=True, **context)
    base = base_of(access.workspace)
    label = spec.label or label_of(name)
    return page(
        request,
        "web/pages/source_map.html",
        title=f"Mapping of {context['stream_label']}",
        access=access,
        current="sources",
        crumbs=(("Data sources", f"{base}data/sources"), (label, f"{base}data/sources/{name}")),
        status=400 if problem else 200,
        **context,
    )


def _wants_rows(request: HttpRequest) -> bool:
    return request.GET.get("rows") == "1" or request.POST.get("do") == "try"


def _context(access: Access, source: Source, spec: SourceSpec, stream: str, dataset: Dataset) -> dict[str, Any]:
    return {
        "source": source,
        "stream": stream,
        "stream_label": label_of(stream),
        "spec": spec.streams[stream],
        "dataset": dataset,
        "dataset_label": label_of(dataset.name, dataset.label),
        "policies": POLICIES,
        "is_pushed": spec.type == PUSHED,
        "shows_rows": shows_rows(access, dataset),
        "others": [name for name in spec.streams if name != stream],
        "zones": sorted(available_timezones()),
        "preview": None,
        "sample_problem": None,
    }


def shows_rows(access: Access, dataset: Dataset) -> bool:
    """Return whether raw rows are shown: they have passed no row policy and no mask."""
    policy = access.viewer.policy
    return policy.rows_of(dataset.name) == "all" and sees_personal_data(policy, dataset)


def _looked(
    access: Access, spec: SourceSpec, stream: str, dataset: Dataset, mapping: MapFile
) -> tuple[Preview | None, SightlineError | None]:
    """Return what the map makes of real rows, or why there are none to look at."""
    try:
        sample: Sample = sample_stream(access=access, spec=spec, stream=stream, now=timezone.now())
        shown = preview_records(
            folder=access.folder,
            dataset=dataset.name,
            records=sample.records,
            columns=sample.columns,
            mapping=mapping,
            rows=ROWS,
        )
    except SightlineError as error:
        return None, error
    return shown, None


def _saved(request: HttpRequest, access: Access, spec: SourceSpec, stream: str, mapping: MapFile) -> HttpResponse:
    document = spec.model_dump(mode="json", exclude_defaults=True)
    kept = mapping.model_copy(update={"sheet": spec.streams[stream].map.sheet})
    document["streams"][stream] = {
        "dataset": spec.streams[stream].dataset,
        "map": kept.model_dump(mode="json", exclude_defaults=True),
        "deletes": request.POST.get("deletes") or "remove",
        "deletes_at_most": request.POST.get("deletes_at_most") or spec.streams[stream].deletes_at_most,
        "schema_changes": request.POST.get("schema_changes") or None,
    }
    saved = save_source(
        access=access,
        spec=spec_from(document, where=spec.name),
        secrets={},
        now=timezone.now(),
        reason=request.POST.get("reason", "").strip() or f"Mapping of {stream}",
    )
    messages.success(request, f"Mapping saved as version {saved.version}")
    here = f"{base_of(access.workspace)}data/sources/{spec.name}"
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(here)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = here
    return response
