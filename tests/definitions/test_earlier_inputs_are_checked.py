"""What a formula says of an earlier time is checked where it stands: names, metrics, offsets, units and circles."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.req("PLT-3")
BEFORE = (
    "  growth: {type: derived, expression: spend / before - 1, inputs: {before: {metric: spend, offset: 12 months}}, "
)
GROWTH = BEFORE + "unit: percent, description: Growth.}\n"


@pytest.fixture
def told(load_pack, sound_pack):
    """Return a function that says what is wrong after text of the growth metric is replaced by another."""

    def load(old="", new="", *, more=""):
        assert old in GROWTH
        text = sound_pack["metrics/volume.yaml"] + GROWTH.replace(old, new, 1) + more
        return "\n".join(str(issue) for issue in load_pack({"metrics/volume.yaml": text}).issues)

    return load


def place(text: str, key: str, of: str) -> str:
    """Return how an issue begins that stands at a key of the one line."""
    return f'acme/metrics/volume.yaml:9:{text.index(key) + 1}  metric "growth" › inputs.{of}\n  '


@pytest.mark.parametrize("offset", ["12 months", "1 year", "4 quarters", "52 weeks", "364d"])
def test_a_sound_offset_has_no_issue(told, offset):
    assert told("12 months", offset) == ""


@pytest.mark.parametrize(
    ("old", "new", "key", "of", "said"),
    [
        (
            "metric: spend",
            "metric: spnd",
            "metric:",
            "before.metric",
            'unknown metric "spnd"\n  did you mean "spend"? (acme/metrics/volume.yaml:3)  [PACK-E012]',
        ),
        (
            "spend / before",
            "spend / inquiries",
            "before:",
            "before",
            'the expression does not use "before"\n  allowed: inquiries, spend  [PACK-E033]',
        ),
    ],
)
def test_a_wrong_input_is_told_where_it_stands(told, old, new, key, of, said):
    assert told(old, new) == place(GROWTH.replace(old, new, 1), key, of) + said


def test_an_input_has_a_name_that_no_metric_has(load_pack, sound_pack):
    text = GROWTH.replace("before", "cpl")
    found = load_pack({"metrics/volume.yaml": sound_pack["metrics/volume.yaml"] + text}).issues
    said = (
        '"cpl" is a metric too, so the expression would not say which is meant\n  give the earlier figure another name'
    )
    assert [str(issue) for issue in found] == [place(text, "cpl: {", "cpl") + said + "  [PACK-E043]"]


@pytest.mark.parametrize("offset", ["0 months", "soon", "26h", "-1 month", "12345 days"])
def test_an_offset_is_a_whole_number_of_days_weeks_months_quarters_or_years(told, offset):
    assert "inputs.before.offset" in told("12 months", offset)


def test_a_dataset_without_time_has_nothing_earlier(load_pack, sound_pack):
    more = "  schools: {type: simple, dataset: programs, agg: count, description: Programs.}\n"
    text = sound_pack["metrics/volume.yaml"] + GROWTH.replace("spend", "schools") + more
    [issue] = load_pack({"metrics/volume.yaml": text}).issues
    assert (issue.code, issue.message) == (
        "PACK-E026",
        'dataset "programs" of metric "schools" has no time column, so nothing is earlier',
    )


def test_what_looks_back_at_itself_is_a_circle_and_two_currencies_do_not_meet_over_time(told):
    assert "defined by itself" in told("metric: spend", "metric: growth")
    fees = "  fees: {type: derived, expression: cpl * 2, unit: eur, description: Money.}\n"
    assert "amounts in EUR and USD meet" in told("metric: spend", "metric: fees", more=fees)
