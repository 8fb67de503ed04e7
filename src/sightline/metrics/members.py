"""The members of a dimension that a viewer may see: for filters, search and autocomplete."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from sightline.definitions.dimensions import Dimension
from sightline.definitions.policy import Viewer
from sightline.definitions.schema.dataset import Dataset
from sightline.errors import NotAllowed
from sightline.lake.snapshot import Snapshot
from sightline.metrics.compile.frame import Frame
from sightline.metrics.compile.statement import alias_of, all_of, column_of, statement_for
from sightline.metrics.question import QuestionError
from sightline.metrics.warehouse import Warehouse


@dataclass(frozen=True)
class Member:
    """One value of a dimension, and how people call it. `key` None is the missing value."""

    key: str | None
    label: str


def members(
    dimension: str,
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    search: str = "",
    limit: int = 50,
    at: Snapshot | None = None,
    archived: bool = False,
    pack: str = "",
) -> list[Member]:
    """Return up to `limit` members whose name contains `search`, in order of name. Policy and masks hold.

    Two packs may have a dimension of one name, each with members of its own: those of `pack` are meant where it has
    it, else those of every pack. Archived members of an entity are not offered (see `Dataset.archived`); with
    `archived` they are the only ones.
    """
    if not viewer.policy.allows("view"):
        raise NotAllowed("your role may not see members in this workspace", hint="Ask an administrator for access.")
    snapshot = at if at is not None else warehouse.lake.snapshot()
    versions = tuple(sorted((name, each.version) for name, each in snapshot.datasets.items()))
    key = (
        "members",
        dimension,
        search,
        limit,
        archived,
        pack,
        viewer.policy.digest,
        warehouse.catalog.digest,
        versions,
    )
    known = warehouse.cache.get(key)
    if known is not None:
        return list(known)
    homes = homes_of(dimension, viewer, warehouse=warehouse, pack=pack)
    every = {
        each.key: each
        for home in homes
        for each in _members(
            dimension,
            home,
            viewer,
            warehouse=warehouse,
            search=search,
            limit=limit,
            snapshot=snapshot,
            archived=archived,
        )
    }
    found = list(every.values()) if len(homes) == 1 else sorted(every.values(), key=_place)[:limit]
    warehouse.cache.put(key, tuple(found), size=200 * len(found) + 200)
    return found


def _place(member: Member) -> tuple[bool, str, str]:
    return member.key is None, member.label, member.key or ""


def _members(
    dimension: str,
    home: tuple[str, str],
    viewer: Viewer,
    *,
    warehouse: Warehouse,
    search: str,
    limit: int,
    snapshot: Snapshot,
    archived: bool,
) -> list[Member]:
    dataset, name = home
    if archived and not _tells_archived(warehouse.catalog.dataset(dataset), dimension):
        return []
    statement = statement_for(viewer, warehouse=warehouse, snapshot=snapshot)
    frame = Frame(statement, dataset)
    resolved = warehouse.joins.resolve(dataset, name)
    key = exp.Cast(this=frame.dimension(name), to=exp.DataType.build("text"))
    shown = frame.own(resolved.labels[2]) if resolved.labels and resolved.labels[0] == dataset else key.copy()
    inner = frame.select(
        [alias_of(key, "key"), alias_of(shown, "label")], _offered(frame, dimension, archived=archived)
    )
    inner.set("distinct", exp.Distinct())
    query = exp.Select(expressions=[column_of("m", "key"), column_of("m", "label")])
    query.set("from_", exp.From(this=exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("m")))))
    if search:
        lowered = exp.func("lower", exp.func("coalesce", column_of("m", "label"), exp.Literal.string("")))
        query.set("where", exp.Where(this=all_of([_contains(lowered, statement.bind(search.lower()))])))
    by = [exp.Ordered(this=column_of("m", name), nulls_first=False) for name in ("label", "key")]
    query.set("order", exp.Order(expressions=by))
    query.set("limit", exp.Limit(expression=exp.Literal.number(limit)))
    query.set("with_", exp.With(expressions=statement.scans()))
    table = warehouse.engine.run(
        query.sql(dialect=warehouse.engine.capabilities.dialect, copy=False), statement.bound(warehouse)
    )
    return [Member(row["key"], _named(row, resolved)) for row in table.to_pylist()]


def _offered(frame: Frame, dimension: str, *, archived: bool) -> list[exp.Expr]:
    """Return the condition that a member of the dataset's own entity is not archived, or that it is."""
    column = frame.dataset.archived
    if column is None or not _tells_archived(frame.dataset, dimension):
        return []
    said = exp.func("coalesce", frame.own(column), exp.false())
    return [said if archived else exp.not_(said)]


def _tells_archived(dataset: Dataset, dimension: str) -> bool:
    return dataset.archived is not None and dataset.primary is not None and dataset.primary[0] == dimension


def _named(row: dict[str, str | None], dimension: Dimension) -> str:
    if dimension.labels and row["label"]:
        return row["label"]
    return dimension.word(row["key"])


def _contains(text: exp.Expr, part: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="contains", expressions=[text, part])


def homes_of(dimension: str, viewer: Viewer, *, warehouse: Warehouse, pack: str = "") -> list[tuple[str, str]]:
    """Return where the members of a dimension are listed: the dataset, and the dimension's name in it.

    An entity is at home where it has a row per member, `entity__name` with that entity, any other with its column: in
    the first dataset of each pack that has it and of which the viewer sees anything.
    """
    joins, catalog = warehouse.joins, warehouse.catalog
    entity, _, name = dimension.rpartition("__")
    if name in joins.primaries:
        return [(joins.primaries[name][0], name)]
    candidates = [joins.primaries[entity][0]] if entity in joins.primaries else [*catalog.datasets]
    having = [each for each in candidates if (own := joins.dimensions(each).get(name)) is not None and not own.path]
    if not having:
        raise QuestionError(f'no dataset has a dimension "{dimension}"')
    by_pack: dict[str, str] = {}
    for dataset in having:
        if viewer.policy.rows_of(dataset) is not None:
            by_pack.setdefault(catalog.pack_of.get(("dataset", dataset), ""), dataset)
    meant = [by_pack[pack]] if pack in by_pack else list(by_pack.values())
    return [(dataset, name) for dataset in meant or having[:1]]
