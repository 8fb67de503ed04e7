"""The documents are current: what is generated, what is named, what is linked."""

import re
import tomllib
from collections import Counter
from typing import get_args

import pytest

from error_codes import DOCUMENT, codes_in_source, document, error_classes
from req_report import report, requirements
from sightline.definitions.codes import CODES
from sightline.definitions.kinds import KINDS
from sightline.definitions.reference import reference
from sightline.definitions.schema.dashboard import PANELS
from sightline.definitions.schema.dataset import CHECKS
from sightline.definitions.schema.metric import Metric


def test_the_list_of_codes_is_current():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run: python tests/error_codes.py"


def test_no_two_errors_have_the_same_code():
    twice = {code: count for code, count in Counter(each.code for each in error_classes()).items() if count > 1}
    assert not twice, f"give each its own code: {twice}"


def test_every_code_in_the_source_is_documented():
    documented = set(re.findall(r"`((?:SL|PACK)-[EW]\d{3})`", DOCUMENT.read_text(encoding="utf-8")))
    missing = {code: place for code, place in codes_in_source().items() if code not in documented}
    assert not missing, f"declare a class with this code, or add it to definitions/codes.py: {missing}"


def test_every_code_of_definitions_is_used(repository):
    folder = repository / "src" / "sightline" / "definitions"
    source = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py") if path.name != "codes.py")
    assert [code for code in CODES if code not in source] == []


def test_every_error_says_what_it_means():
    assert [each.name for each in error_classes() if not each.meaning] == []


def test_the_language_reference_is_current(repository):
    written = (repository / "docs" / "definitions.md").read_text(encoding="utf-8")
    assert written == reference(), "run: python -m sightline.definitions.reference"


def test_every_kind_check_panel_and_metric_type_is_in_the_reference():
    text = reference()
    assert [name for name in KINDS if f"## {name.capitalize()}\n" not in text] == []
    assert [name for name in CHECKS if f"### check `{name}`" not in text] == []
    assert [name for name in PANELS if f"### panel `{name}`" not in text] == []
    types = get_args(get_args(Metric)[0])
    names = [get_args(each.model_fields["type"].annotation)[0] for each in types]
    assert [name for name in names if f"### type `{name}`" not in text] == []


def test_the_glossary_is_sorted_and_knows_the_words_of_the_language(repository):
    text = (repository / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| ([a-z][a-z -]+) \|", text, re.MULTILINE)[1:]
    assert words == sorted(set(words))
    named = {name.replace("tieout", "tie-out") for name in KINDS} | {"settings", "snapshot", "workspace", "quarantine"}
    assert named <= set(words)


def test_every_dependency_is_explained(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (repository / "docs" / "dependencies.md").read_text(encoding="utf-8")
    extras = [each for group in project["optional-dependencies"].values() for each in group]
    names = [re.match(r"[A-Za-z0-9_-]+", each)[0] for each in (*project["dependencies"], *extras)]
    assert [name for name in names if not re.search(rf"^\|.*\b{re.escape(name)}\b.*\|", text, re.MULTILINE)] == []


def test_the_lock_pins_every_runtime_dependency_and_names_no_place(repository):
    lock = (repository / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    wanted = {re.match(r"[A-Za-z0-9_-]+", each)[0].lower() for each in project["dependencies"]}
    assert wanted <= pinned
    lines = [line for line in lock.splitlines() if line.strip()]
    pin = re.compile(r"[a-z0-9-]+==[\w.]+( ; [^/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not pin.fullmatch(line)] == []


@pytest.mark.parametrize("folder", [".", "docs", "docs/adr", "changelog.d"])
def test_links_between_documents_lead_somewhere(repository, folder):
    broken = [
        f"{path.name}: {target}"
        for path in (repository / folder).glob("*.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert not broken


def test_a_changelog_fragment_has_a_known_kind(repository):
    kinds = {"added", "changed", "fixed", "removed", "security"}
    names = [path.name for path in (repository / "changelog.d").glob("*.md") if path.name != "README.md"]
    assert [name for name in names if name.split(".")[1] not in kinds] == []


def test_the_requirement_report_lists_ids_with_and_without_a_test():
    lines = list(report({"PRG-1.1": "One", "PRG-1.2": "Two"}, {"PRG-1.2": {"a", "b"}}))
    assert lines == [
        "",
        "Requirements with a test",
        "  PRG-1.2   Two  (2 tests)",
        "",
        "Requirements without a test",
        "  PRG-1.1   One",
        "",
        "1 of 2 requirements have a test",
    ]


def test_every_requirement_has_one_line_and_an_id_of_a_known_part():
    parts = {name.split("-")[0] for name in requirements()}
    assert parts == {"PRG", "AUT", "EXE", "SAA", "MKT", "PLT"}
    assert {"PRG-2.3", "PRG-3.10", "PLT-3.1", "AUT-6.5", "EXE-2.10", "SAA-9", "MKT-2.2"} <= set(requirements())
