"""Each rule between definitions: the exact message for one wrong field."""

import pytest
from panel_cases import PANEL_CASES
from rule_cases import CASES as OTHER_CASES
from rule_cases import ROLES

from sightline.definitions.codes import CODES
from sightline.definitions.rules import RULES

CASES = [*OTHER_CASES, *PANEL_CASES]
pytestmark = pytest.mark.req("PLT-3")

TESTED_ELSEWHERE = {
    "periods": "test_dashboard_periods.py",
    "holidays": "test_overrides.py",
    "conversions_of_money": "test_conversions_of_money.py",
    "earlier_inputs": "test_earlier_inputs_are_checked.py",
}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [case[1:] for case in CASES],
    ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)],
)
def test_a_rule_says_what_is_wrong_where_and_what_is_allowed(load_pack, sound_pack, file, old, new, expected):
    text = sound_pack[file].replace(old, new, 1) if old else new
    assert not old or text != sound_pack[file]
    loaded = load_pack({file: text})
    assert "\n".join(str(issue) for issue in loaded.issues) == (expected or "")


def test_every_rule_has_a_case():
    assert {case[0] for case in CASES} | set(TESTED_ELSEWHERE) == set(RULES)


def test_a_rule_for_all_datasets_must_be_reached_from_each_without_its_own(load_pack, sound_pack):
    roles = sound_pack[ROLES].replace("program in $user.program", "source = 'web'")
    assert [(issue.code, issue.message) for issue in load_pack({ROLES: roles}).issues] == [
        ("PACK-E013", '"source" is not a column of programs in "source = \'web\'"')
    ]
    own = roles.replace("\"*\": source = 'web'", "\"*\": source = 'web', programs: all")
    assert load_pack({ROLES: own}).issues == ()


def test_every_code_that_a_case_shows_is_in_the_table():
    shown = {
        line.rsplit("[", 1)[1].rstrip("]")
        for case in CASES
        if case[4]
        for line in case[4].splitlines()
        if "[PACK" in line
    }
    assert shown <= set(CODES)
