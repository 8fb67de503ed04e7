"""Members and their roles; looking at the workspace as another role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from sightline.accounts import audit
from sightline.accounts.access import Access, open_workspace, seen_as
from sightline.accounts.actions.add_member import add_member
from sightline.accounts.actions.change_member import change_member
from sightline.accounts.actions.remove_member import remove_member
from sightline.accounts.members import attributes_of_role, checked_attributes
from sightline.accounts.models import Membership
from sightline.definitions.schema.base import label_of
from sightline.errors import UserError
from sightline.web.client import password_link
from sightline.web.guards import VIEW_AS, member, person
from sightline.web.page import page
from sightline.web.shell import base_of, initials


@dataclass(frozen=True)
class MemberRow:
    """A member as the table shows it; `attributes` is what the input holds: school=business; region=eu."""

    email: str
    name: str
    initials: str
    role: str
    role_label: str
    attributes: str
    since: object
    is_you: bool


@dataclass(frozen=True)
class RoleChoice:
    """A role to choose, what it may do, and which attributes its row policy needs."""

    name: str
    label: str
    description: str
    needs: str


@require_http_methods(["GET", "POST"])
@member("manage_members")
def show(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the members page; a form on it adds, changes or removes one member."""
    problem: UserError | None = None
    if request.method == "POST":
        try:
            messages.success(request, _done(request, access))
            return HttpResponseRedirect(f"{base_of(access.workspace)}admin/members")
        except UserError as error:
            problem = error
    return page(
        request,
        "web/pages/members.html",
        title="Members",
        access=access,
        current="members",
        crumbs=(("Admin", ""),),
        members=_members(access),
        roles=_roles(access),
        problem=problem,
        typed=request.POST,
        status=400 if problem else 200,
    )


@require_http_methods(["GET", "POST"])
@member("view")
def view_as(request: HttpRequest, access: Access) -> HttpResponse:
    """Look at the workspace with another role and attributes. Only for who manages members; audited."""
    own = open_workspace(person(request), access.workspace)
    own.require("manage_members")
    chosen = dict(request.session.get(VIEW_AS, {}))
    problem: UserError | None = None
    if request.method == "POST":
        try:
            _look(request, own, chosen)
        except UserError as error:
            problem = error
        else:
            request.session[VIEW_AS] = chosen
            return HttpResponseRedirect(base_of(own.workspace))
    return page(
        request,
        "web/pages/view_as.html",
        title="View as another person",
        access=own,
        current="members",
        crumbs=(("Admin", ""),),
        members=_members(own),
        roles=_roles(own),
        problem=problem,
        status=400 if problem else 200,
    )


def attributes_from(text: str) -> dict[str, list[str]]:
    """Return `school=business, health; region=eu` as names with lists of values."""
    found: dict[str, list[str]] = {}
    for part in text.replace("\n", ";").split(";"):
        name, _, values = part.partition("=")
        if name.strip():
            found.setdefault(name.strip(), []).extend(value.strip() for value in values.split(",") if value.strip())
    return found


def attributes_text(attributes: Mapping[str, list[str]]) -> str:
    """Return attributes as the input holds them."""
    return "; ".join(f"{name}={', '.join(values)}" for name, values in sorted(attributes.items()))


def _done(request: HttpRequest, access: Access) -> str:
    """Do what the form asks; return the sentence that says so."""
    form, now = request.POST, timezone.now()
    email, attributes = form.get("email", ""), attributes_from(form.get("attributes", ""))
    match form.get("do"):
        case "remove":
            remove_member(access=access, email=email, now=now)
            return f"{email} no longer has access"
        case "change":
            change_member(access=access, email=email, role=form.get("role", ""), attributes=attributes, now=now)
            return f"{email} was changed"
    link = password_link(request)
    added = add_member(
        access=access,
        email=email,
        role=form.get("role", ""),
        attributes=attributes,
        name=form.get("name", ""),
        link=lambda uid, token: link.format(uid=uid, token=token),
        now=now,
    )
    return f"{added.user.email} was added" + (" and invited by mail" if added.is_new else "")


def _look(request: HttpRequest, own: Access, chosen: dict[str, object]) -> None:
    now = timezone.now()
    if request.POST.get("stop"):
        if chosen.pop(own.workspace, None):
            audit.record(workspace=own.workspace, actor=own.actor, verb="view_as_ended", object=own.actor, now=now)
        return
    email, role = request.POST.get("email", ""), request.POST.get("role", "")
    attributes = attributes_from(request.POST.get("attributes", ""))
    label = label_of(role, own.folder.catalog.roles[role].label) if role in own.folder.catalog.roles else role
    if email:
        membership = (
            Membership.objects.select_related("user").filter(workspace=own.workspace, user__email=email).first()
        )
        if membership is not None:
            role, attributes, label = membership.role, membership.attributes, membership.user.shown_name
    if role in own.folder.catalog.roles:
        attributes = checked_attributes(own.folder.catalog, role, attributes)
    seen_as(own, role=role, attributes=attributes)
    chosen[own.workspace] = {"role": role, "attributes": attributes, "label": label}
    detail = {"role": role, "attributes": attributes}
    audit.record(
        workspace=own.workspace, actor=own.actor, verb="view_as_started", object=email or role, detail=detail, now=now
    )


def _members(access: Access) -> list[MemberRow]:
    rows = Membership.objects.select_related("user").filter(workspace=access.workspace)
    roles = access.folder.catalog.roles
    return [
        MemberRow(
            email=row.user.email,
            name=row.user.shown_name,
            initials=initials(row.user.shown_name),
            role=row.role,
            role_label=label_of(row.role, roles[row.role].label if row.role in roles else ""),
            attributes=attributes_text(row.attributes),
            since=row.created_at,
            is_you=row.user_id == access.user.pk,
        )
        for row in rows
    ]


def _roles(access: Access) -> list[RoleChoice]:
    catalog = access.folder.catalog
    return [
        RoleChoice(name, label_of(name, role.label), role.description, ", ".join(attributes_of_role(catalog, name)))
        for name, role in catalog.roles.items()
    ]
