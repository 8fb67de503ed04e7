"""What a source sent that could not be stored: the reason, the body, and a way on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sightline.accounts.access import Access
from sightline.accounts.audit import record_access
from sightline.errors import SightlineError, UserError
from sightline.ingest.connections import source_named
from sightline.ingest.events.dead_letters import (
    PAGE_SIZE,
    DeadLetter,
    dead_letter,
    dead_letters,
    discard,
    replay,
    replay_all,
)
from sightline.web.guards import member
from sightline.web.page import page


@require_http_methods(["GET", "POST"])
@member("see_quarantine")
def show(request: HttpRequest, access: Access, source: str) -> HttpResponse:
    """Return the dead letters of a source; a form on the page puts one back or lets it go."""
    problem: SightlineError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _done(request, access, source))
            return HttpResponseRedirect(request.path)
        except SightlineError as error:
            problem = error
    number = _number(request.GET.get("page")) or 1
    found = dead_letters(access=access, source=source, page=number)
    label = str(source_named(access.workspace, source).spec.get("label") or source)
    return page(
        request,
        "web/pages/dead_letters.html",
        title=f"Dead letters of {label}",
        access=access,
        current="quarantine",
        crumbs=(("Quarantine", f"/w/{access.workspace}/data/quarantine"),),
        label=label,
        found=found,
        opened=_opened(request, access, source) if found.shows_bodies else None,
        may_settle=access.allows("import_data"),
        number=number,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        older=number + 1 if number * PAGE_SIZE < found.total else 0,
        newer=number - 1,
        problem=problem,
        status=400 if problem else 200,
    )


def _opened(request: HttpRequest, access: Access, source: str) -> DeadLetter | None:
    """Return the letter whose body is asked for; looking at it is on record."""
    letter = _number(request.GET.get("letter"))
    if not letter:
        return None
    found = dead_letter(access=access, source=source, letter=letter)
    record_access(
        workspace=access.workspace,
        actor=access.actor,
        verb="dead letter seen",
        object=f"{source} {letter}",
        now=timezone.now(),
        address=request.META.get("REMOTE_ADDR", ""),
    )
    return found


def _done(request: HttpRequest, access: Access, source: str) -> str:
    """Do what a form asks for and return what to tell."""
    letter, now = _number(request.POST.get("letter")), timezone.now()
    if request.POST.get("do") == "replay":
        replay(access=access, source=source, letter=letter, now=now)
        return "It is tried again now."
    if request.POST.get("do") == "replay all":
        number = replay_all(access=access, source=source, now=now)
        return f"{number:,} are tried again now."
    if request.POST.get("do") == "discard":
        discard(access=access, source=source, letter=letter, reason=request.POST.get("reason", ""), now=now)
        return "It is discarded."
    raise UserError("The form is not one of this page.", hint="Load the page again.")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0
