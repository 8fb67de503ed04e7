"""What every workspace has without a pack: the datasets that Sightline itself keeps about data, and their metrics."""

from __future__ import annotations

from collections.abc import Mapping

BUILT_IN = "built_in"
"""What `Catalog.pack_of` says of them; there is no pack of that name."""
KEPT = ("data_arrivals", "data_volumes")
"""The datasets. Nobody imports or enters their rows, and a role's rule for `*` is not about them."""
SUBJECT = "dataset_name"
"""Their column that names the dataset a row tells of."""


def kept_rule(rows: Mapping[str, str]) -> str | None:
    """Return which rows of the kept datasets belong to what somebody sees whole: a rule as in a role, None for none.

    They tell how many rows there are, so somebody who sees some rows of a dataset is told nothing of it.
    """
    named = {name: rule for name, rule in rows.items() if name != "*"}
    if rows.get("*") == "all":
        partial = sorted(name for name, rule in named.items() if rule != "all")
        return f"{SUBJECT} not in ({_listed(partial)})" if partial else "all"
    whole = sorted(name for name, rule in named.items() if rule == "all")
    return f"{SUBJECT} in ({_listed(whole)})" if whole else None


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
