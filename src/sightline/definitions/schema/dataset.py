"""A dataset: a table of facts or entities in the lake, with declared schema, key, time column and checks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from sightline.definitions.schema.base import Definition, Described, Duration, Expression, Name

ColumnType = Literal["string", "integer", "number", "decimal", "boolean", "date", "timestamp"]
PersonalData = Literal["email", "phone", "name", "address", "id", "text"]
Severity = Literal["quarantine", "warn"]


class Entity(Definition):
    """A thing the rows are about. Joins follow entities, always from many (foreign) to one (primary)."""

    type: Literal["primary", "foreign"]
    column: Name
    label: Name | None = Field(default=None, description="Primary only: the column that names the entity to people.")
    standalone: bool = Field(default=False, description="Foreign only: no dataset has a row for each of these things.")


class Column(Described):
    """A typed column."""

    type: ColumnType
    dimension: bool = Field(default=False, description="May be grouped and filtered by.")
    pii: PersonalData | None = Field(default=None, description="Personal data: masked for roles that do not unmask it.")
    unit: str | None = Field(default=None, description="Unit of a number, as for metrics.")
    currency: str | None = Field(default=None, description="An ISO 4217 code, or the name of the column that holds it.")
    arrives_as: list[str] = Field(default_factory=list, description="Names this column usually has in source files.")
    values: list[str] = Field(
        default_factory=list, description="The values in their natural order (sorts and legends)."
    )
    empty_as: str | None = Field(default=None, description="What an empty value is called when grouped by.")


class CheckBase(Definition):
    """A rule each row must meet. `quarantine` keeps the row out with a reason, `warn` only counts it."""

    severity: Severity = "quarantine"
    message: str = Field(default="", description="The reason people read. Default: made from the rule.")


class Unique(CheckBase):
    unique: Name | list[Name]


class NotNull(CheckBase):
    not_null: Name | list[Name]


class NotFuture(CheckBase):
    not_future: Name | list[Name]


class NotNegative(CheckBase):
    not_negative: Name | list[Name]


class References(CheckBase):
    references: Name = Field(description="A foreign entity of this dataset; the row's value must exist there.")


class Accepted(CheckBase):
    accepted: Name = Field(description="The column.")
    values: list[str]


class DuplicateWithin(Definition):
    columns: list[Name]
    within: Duration
    time: Name


class NoDuplicate(CheckBase):
    """The same columns again within a length of time (for example same e-mail and program within 30 days)."""

    no_duplicate: DuplicateWithin


class StageOrderRule(Definition):
    entity: Name
    stage: Name = Field(description="The column with the stage.")
    time: Name
    stages: list[str] = Field(min_length=2, description="The stages in their order.")


class StageOrder(CheckBase):
    """A later stage dated before an earlier one of the same entity."""

    stage_order: StageOrderRule


class Condition(CheckBase):
    """Any safe expression over this dataset's columns that must be true."""

    condition: Expression


CHECKS: dict[str, type[CheckBase]] = {
    "unique": Unique,
    "not_null": NotNull,
    "not_future": NotFuture,
    "not_negative": NotNegative,
    "references": References,
    "accepted": Accepted,
    "no_duplicate": NoDuplicate,
    "stage_order": StageOrder,
    "condition": Condition,
}


def check_kind(value: Any) -> str | None:
    """Return the kind of a check: the one key of it that names a rule."""
    written = value if isinstance(value, dict) else vars(value) if isinstance(value, CheckBase) else {}
    return next((kind for kind in CHECKS if kind in written), None)


Check = Annotated[
    Annotated[Unique, Tag("unique")]
    | Annotated[NotNull, Tag("not_null")]
    | Annotated[NotFuture, Tag("not_future")]
    | Annotated[NotNegative, Tag("not_negative")]
    | Annotated[References, Tag("references")]
    | Annotated[Accepted, Tag("accepted")]
    | Annotated[NoDuplicate, Tag("no_duplicate")]
    | Annotated[StageOrder, Tag("stage_order")]
    | Annotated[Condition, Tag("condition")],
    Discriminator(
        check_kind,
        custom_error_type="check_kind",
        custom_error_message="unknown check; allowed: " + ", ".join(CHECKS),
    ),
]


class Freshness(Definition):
    """How old the newest row may be before the dataset is called late (warn) or stale (error)."""

    warn: Duration
    error: Duration


class Annotations(Definition):
    """The rows are events that explain numbers: line charts mark them."""

    at: Name = Field(description="The column with the day or moment.")
    text: Name = Field(description="The column with the short words beside the mark.")


class Dataset(Described):
    """One table. Its key is the primary entity's column unless `key` says otherwise."""

    dataset: Name
    entities: dict[Name, Entity] = Field(default_factory=dict)
    key: list[Name] = Field(default_factory=list, description="The columns that identify a row; merges match on them.")
    append_only: bool = Field(
        default=False, description="There is no key: rows are only ever added, those of one file or batch once."
    )
    time: Name | None = Field(default=None, description="The column that places a row in time.")
    columns: dict[Name, Column] = Field(min_length=1)
    archived: Name | None = Field(
        default=None, description="A boolean column that says which members are archived: not offered to choose from."
    )
    annotations: Annotations | None = Field(
        default=None, description="Line charts mark these rows as events, as far as the viewer may see them."
    )
    partition: Literal["none", "month", "year"] = "none"
    sort: list[Name] = Field(default_factory=list, description="Order of rows inside a file.")
    checks: list[Check] = Field(default_factory=list)
    freshness: Freshness | None = None
    retention: Duration | Literal["forever"] = "24 months"
    zone: str | None = Field(
        default=None, description="Time zone of source times without one. Default: the workspace's."
    )

    @property
    def name(self) -> str:
        return self.dataset

    @property
    def primary(self) -> tuple[str, Entity] | None:
        """The primary entity's name and declaration, if there is one."""
        return next(((name, entity) for name, entity in self.entities.items() if entity.type == "primary"), None)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that identify a row."""
        if self.key:
            return tuple(self.key)
        return (self.primary[1].column,) if self.primary else ()
