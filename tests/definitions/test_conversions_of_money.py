"""A conversion names amounts by row and rates by day, or `sightline check` says what is missing and where."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.req("EXE-2", "PLT-3")
RATES = """\
dataset: rates
key: [currency, day]
time: day
columns:
  currency: {type: string}
  day: {type: date}
  rate: {type: number}
"""
PAID = (
    "  paid: {type: simple, dataset: leads, agg: sum, column: paid, description: Money, "
    "convert: {to: EUR, rates: rates}}\n"
)
COLUMNS = (
    "  paid: {type: decimal, currency: code}\n  code: {type: string}\n  fee: {type: decimal, currency: fee_code}\n"
)


def place(text: str, key: str, of: str) -> str:
    """Return how an issue begins that stands at a key of the one line."""
    return f'acme/metrics/volume.yaml:9:{text.index(key) + 1}  metric "paid" › convert{of}\n  '


@pytest.fixture
def told(load_pack, sound_pack):
    """Return a function that says what is wrong after text of the metric, or of the rates, is replaced by another."""

    def load(old="", new="", *, rates=("", ""), column=PAID):
        assert old in column
        assert rates[0] in RATES
        leads = sound_pack["datasets/leads.yaml"] + COLUMNS + "  fee_code: {type: string}\n"
        files = {"datasets/rates.yaml": RATES.replace(*rates, 1), "datasets/leads.yaml": leads}
        roles = sound_pack["roles.yaml"].replace("in $user.program", "in $user.program, rates: all")
        files["roles.yaml"] = roles
        files["metrics/volume.yaml"] = sound_pack["metrics/volume.yaml"] + column.replace(old, new, 1)
        return "\n".join(str(issue) for issue in load_pack(files).issues)

    return load


def test_a_sound_conversion_has_no_issue(told):
    assert told() == ""
    assert told("to: EUR", "to: workspace") == ""
    assert told("convert", "unit: eur, convert") == ""
    named = RATES.replace("currency", "coin").replace("rate: {", "worth: {")
    assert told("rates: rates}", "rates: rates, currency: coin, rate: worth}", rates=(RATES, named)) == ""


@pytest.mark.parametrize(
    ("old", "new", "key", "of", "said"),
    [
        (
            "rates: rates",
            "rates: rtes",
            "rates:",
            ".rates",
            'unknown dataset "rtes"\n  did you mean "rates"? (acme/datasets/rates.yaml:1)  [PACK-E010]',
        ),
        (
            "to: EUR",
            "to: CHH",
            "to:",
            ".to",
            '"CHH" is no currency\n  an ISO 4217 code, or workspace; did you mean "CHF"?  [PACK-E041]',
        ),
        (
            "rates: rates",
            "rates: rates, rate: rte",
            "rate:",
            ".rate",
            'unknown column "rte" in dataset "rates"\n  did you mean "rate"?  [PACK-E011]',
        ),
        (
            "column: paid",
            "column: amount",
            "convert:",
            "",
            'no column of dataset "leads" says in which currency amount is\n'
            "  name that column under currency: of the amount, in the dataset  [PACK-E047]",
        ),
        (
            "column: paid",
            "expression: paid - fee",
            "convert:",
            "",
            "the amounts are in the currencies of code and fee_code\n"
            "  make a metric of each, and add them in a derived one  [PACK-E047]",
        ),
        (
            "agg: sum",
            "agg: count",
            "convert:",
            "",
            "count adds up no amounts that could be converted\n  leave convert out  [PACK-E047]",
        ),
    ],
)
def test_a_wrong_conversion_is_told_where_it_stands(told, old, new, key, of, said):
    assert told(old, new) == place(PAID.replace(old, new, 1), key, of) + said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "[currency, day]",
            "[currency]",
            'the key of dataset "rates" is currency, so a currency may have several rates on one day\n'
            "  make its key currency, day  [PACK-E047]",
        ),
        (
            "rate: {type: number}",
            "rate: {type: string}",
            'column "rate" of dataset "rates" is a string\n  a rate is of type integer, number, decimal  [PACK-E019]',
        ),
        (
            "rate: {type: number}",
            "worth: {type: number}",
            'unknown column "rate" in dataset "rates"\n  allowed: currency, day, worth  [PACK-E011]',
        ),
        (
            "rate: {type: number}",
            "rate: {type: number, currency: currency}",
            'the rates of dataset "rates" are in several currencies\n'
            "  quote them all in one: its code stands under currency: of the rate  [PACK-E047]",
        ),
        (
            "day: {type: date}",
            "day: {type: timestamp}",
            'the time of dataset "rates" is a timestamp\n  the day of a rate is a date  [PACK-E019]',
        ),
        (
            "time: day\n",
            "",
            'dataset "rates" has no time column, so its rates have no day\n'
            "  name it under time in the dataset  [PACK-E026]",
        ),
    ],
)
def test_rates_without_one_for_each_currency_and_day_are_refused(told, old, new, said):
    assert told(rates=(old, new)) == place(PAID, "rates:", ".rates") + said


def test_the_unit_is_that_of_the_target_and_meets_no_other(told):
    at = f'acme/metrics/volume.yaml:9:{PAID.index("convert") + 1}  metric "paid" › unit\n'
    assert told("convert", "unit: usd, convert").startswith(at + "  the amounts are in EUR, the unit is USD\n")
    mixed = PAID + "  both: {type: derived, expression: paid + spend, description: Money.}\n"
    assert "amounts in EUR and USD meet" in told(column=mixed)
    assert told("to: EUR", "to: USD", column=mixed) == ""
