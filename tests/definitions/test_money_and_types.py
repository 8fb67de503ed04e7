"""Formulas that mix currencies and conditions that compare unlike things are found before any data is read."""

from __future__ import annotations

import pytest

LEADS, VOLUME, ROLES, SHELF = "datasets/leads.yaml", "metrics/volume.yaml", "roles.yaml", "dashboards/shelf.yaml"
AMOUNT = "  amount: {type: decimal, currency: USD}\n"
EUROS = "  fee: {type: decimal, currency: EUR}\n"
FORMULAS = """
  fees: {type: simple, dataset: leads, agg: sum, column: fee, description: Money.}
  rate: {type: simple, dataset: leads, agg: avg, expression: length(source) / 10, unit: ratio, description: A rate.}
  fees_in_dollars: {type: derived, expression: fees * rate, unit: usd, description: Money.}
  fee_each: {type: ratio, numerator: fees, denominator: inquiries, description: Money.}
  fees_so_far: {type: cumulative, metric: fees, to_date: year, description: Money.}
"""


def issues(load_pack, sound_pack, **changes):
    """Return code and message of what is wrong with the sound pack after these changes: file → (old, new)."""
    files = {"datasets/leads.yaml": sound_pack[LEADS].replace(AMOUNT, AMOUNT + EUROS)}
    for name, (old, new) in changes.items():
        path = {"leads": LEADS, "volume": VOLUME, "roles": ROLES, "shelf": SHELF}[name]
        before = files.get(path, sound_pack[path])
        assert not old or old in before
        files[path] = before.replace(old, new, 1) if old else before + new
    return [(issue.code, issue.location.line, issue.message) for issue in load_pack(files).issues]


@pytest.mark.req("PLT-3.3")
@pytest.mark.parametrize(
    "formula",
    [
        "{type: derived, expression: spend + fees}",
        "{type: derived, expression: (spend - fees) / inquiries}",
        "{type: derived, expression: spend / fees}",
        "{type: derived, expression: spend * fees}",
        "{type: derived, expression: 'coalesce(spend, fees)'}",
        "{type: derived, expression: case when spend > fees then 1 else 0 end}",
        "{type: derived, expression: case when inquiries > 5 then spend else fees end}",
        "{type: derived, expression: spend / inquiries + fees / inquiries}",
        "{type: derived, expression: cpl - fee_each}",
        "{type: derived, expression: spend + fees_so_far}",
        "{type: derived, expression: fees_in_dollars + fees}",
        "{type: ratio, numerator: spend, denominator: fees}",
        "{type: ratio, numerator: cpl, denominator: fee_each}",
        "{type: simple, dataset: leads, agg: sum, expression: amount + fee}",
    ],
)
def test_amounts_in_two_currencies_do_not_meet_in_a_formula(load_pack, sound_pack, formula):
    mixed = f"  mixed: {formula[:-1]}, description: Money.}}\n"
    found = issues(load_pack, sound_pack, volume=("", FORMULAS.lstrip("\n") + mixed))
    line = (sound_pack[VOLUME] + FORMULAS.lstrip("\n")).count("\n") + 1
    assert found == [("PACK-E045", line, "amounts in EUR and USD meet")]


@pytest.mark.req("PLT-3.3")
@pytest.mark.parametrize(
    "formula",
    [
        "{type: derived, expression: spend - 100 + spend / 2}",
        "{type: derived, expression: spend / inquiries, unit: usd}",
        "{type: derived, expression: fees_in_dollars + spend, unit: usd}",
        "{type: derived, expression: spend / spend + fees / fees}",
        "{type: derived, expression: spend * (fees / fee_each), unit: usd}",
        "{type: ratio, numerator: fees, denominator: fees_so_far}",
        "{type: ratio, numerator: inquiries, denominator: fees}",
        "{type: simple, dataset: leads, agg: count, column: fee}",
        "{type: simple, dataset: leads, agg: sum, expression: fee * 1.1, unit: usd}",
    ],
)
def test_one_currency_and_what_has_none_go_together(load_pack, sound_pack, formula):
    single = f"  single: {formula[:-1]}, description: Money.}}\n"
    assert issues(load_pack, sound_pack, volume=("", FORMULAS.lstrip("\n") + single)) == []


@pytest.mark.req("PLT-3.3")
def test_a_unit_does_not_make_dollars_of_euros(load_pack, sound_pack):
    fees = "  fees: {type: simple, dataset: leads, agg: sum, column: fee, unit: usd, description: Money.}\n"
    found = issues(load_pack, sound_pack, volume=("", fees))
    line = sound_pack[VOLUME].count("\n") + 1
    assert found == [("PACK-E045", line, "the amounts are in EUR, the unit is USD")]


@pytest.mark.req("PLT-3")
@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("volume", "agg: count,", "agg: count, where: source = 5,", 2, '"5" in "source = 5" is a number, but text'),
        ("volume", "column: amount", "expression: source * 2", 3, '"source" in "source * 2" is text, but a number'),
        ("roles", "program in $user.program", "level > 3", 3, '"3" in "level > 3" is a number, but text'),
        (
            "shelf",
            "tile: inquiries,",
            "tile: inquiries, where: source + 1 = 2,",
            5,
            '"source" in "source + 1 = 2" is te',
        ),
        (
            "leads",
            "columns:",
            "checks: [{condition: created_at > 'soon'}]\ncolumns:",
            6,
            "\"'soon'\" in \"created_at > 'soon'\" is text, but a time",
        ),
    ],
)
def test_a_condition_that_compares_unlike_things_is_told_with_its_line(
    load_pack, sound_pack, file, old, new, line, message
):
    found = issues(load_pack, sound_pack, **{file: (old, new)})
    assert [(code, at) for code, at, _ in found] == [("PACK-E044", line)]
    assert found[0][2].startswith(message)


@pytest.mark.req("PLT-3")
def test_an_event_and_a_formula_are_checked_too(load_pack, sound_pack):
    more = """\
  bought:
    type: conversion
    entity: lead
    base: {dataset: leads}
    conversion: {dataset: leads, where: amount = 'much'}
    description: A share.
  odd: {type: derived, expression: "spend + lower('a')", description: A sum.}
"""
    found = issues(load_pack, sound_pack, volume=("", more))
    first = sound_pack[VOLUME].count("\n")
    assert [(code, line - first) for code, line, _ in found] == [("PACK-E044", 5), ("PACK-E044", 7)]


@pytest.mark.req("PLT-3")
def test_what_reads_as_the_type_of_its_column_is_no_problem(load_pack, sound_pack):
    where = "agg: count, where: created_at >= '2025-01-31' and amount > '5' and level != 'degree',"
    rows = "program in $user.program and program != $user.other and (program is null or program like 'A%')"
    assert (
        issues(load_pack, sound_pack, volume=("agg: count,", where), roles=("program in $user.program", f'"{rows}"'))
        == []
    )
