"""The house rules that a reader would otherwise have to trust: size, names, imports, reasons.

The exception tables are ratchets. They start empty, and an entry needs a decision record in docs/adr.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sightline"
TESTS = ROOT / "tests"

LONGEST_MODULE = 600
LONG_MODULE = 400
LONGEST_FUNCTION = 60
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "stuff", "base_utils"})
LAZY_PACKAGES = frozenset({"vl_convert", "openpyxl", "xlsxwriter"})
"""Heavy packages that most commands never need. Nothing else is imported inside a function."""

LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
LATE_IMPORTS: dict[str, str] = {}


@cache
def modules(folder: Path = SOURCE) -> tuple[Path, ...]:
    return tuple(path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_module_is_longer_than_its_limit() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    too_long = {
        name: length for name, length in lengths.items() if length > LONGEST_MODULE and name not in LONG_MODULES
    }
    assert not too_long, f"split these modules: {too_long}"


def test_long_modules_are_named_so_that_somebody_splits_them(capsys: pytest.CaptureFixture[str]) -> None:
    smells = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    with capsys.disabled():
        for name, length in smells.items():
            if length > LONG_MODULE:
                sys.stderr.write(f"\nlong module: {name} has {length} lines (aim: {LONG_MODULE})")


def test_no_function_is_longer_than_its_limit() -> None:
    too_long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"
        for path in modules()
        for node in functions(path)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
        and f"{name_of(path)}:{node.name}" not in LONG_FUNCTIONS
    ]
    assert not too_long, "\n".join(too_long)


def test_no_module_is_a_drawer() -> None:
    drawers = [
        name_of(path) for path in modules() if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES
    ]
    assert not drawers, f"name the noun instead: {drawers}"


def test_imports_stand_at_the_top() -> None:
    late = [
        f"{name_of(path)}:{node.lineno} imports {package}"
        for path in modules()
        for function in functions(path)
        for node in ast.walk(function)
        for package in imported(node)
        if package.split(".")[0] not in LAZY_PACKAGES and name_of(path) not in LATE_IMPORTS
    ]
    assert not late, "\n".join(sorted(set(late)))


def distribution_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "."]
    return []


def test_every_exception_from_a_check_carries_its_code_and_a_reason() -> None:
    bare = [
        f"{name_of(path)}:{line}: {text}"
        for path in (*modules(), *modules(TESTS))
        for line, text in comments(path)
        if (re.search(r"#\s*noqa", text) and not re.search(r"#\s*noqa: [A-Z]+\d+(, ?[A-Z]+\d+)* +[-#—–(] ?\w", text))
        or (re.search(r"#\s*type: ?ignore", text) and not re.search(r"type: ignore\[[a-z, -]+\] +[-#(—] ?\w", text))
    ]
    assert not bare, "say why: `# noqa: S608 - bound values only`\n" + "\n".join(bare)


def comments(path: Path) -> Iterator[tuple[int, str]]:
    source = io.StringIO(path.read_text(encoding="utf-8"))
    for token in tokenize.generate_tokens(source.readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in modules()
        if not ast.get_docstring(tree_of(path)) and path.read_text(encoding="utf-8").strip()
    ]
    assert not silent, f"begin with a docstring: {silent}"


def test_the_clock_is_read_only_at_the_edges() -> None:
    """`now` is an argument everywhere else, so that every result can be repeated."""
    edges = {"web", "api", "cli", "jobs", "config", "bench", "packs"}
    reading = re.compile(r"\b(?:timezone\.now|datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
    found = [
        f"{name_of(path)}:{number}"
        for path in modules()
        if path.relative_to(SOURCE).parts[0] not in edges
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if reading.search(line)
    ]
    assert not found, f"take `now` as an argument: {found}"


def test_imports_go_down_the_layers() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts") :] + done.stderr


def test_what_the_product_imports_is_what_it_says_it_needs() -> None:
    """Libraries that only the tests bring along would be missing where somebody installs the product."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    wanted += [*project["optional-dependencies"]["mysql"], *project["optional-dependencies"]["sftp"]]
    declared = {distribution_of(text) for text in wanted}
    for each in tuple(declared):  # and what these cannot be without
        declared |= {distribution_of(text) for text in requires(each) or () if ";" not in text}
    brought_by = packages_distributions()
    found = {
        f"{name_of(path)}: {name}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        for name in {each.partition(".")[0] for each in imported(node)}
        if name not in sys.stdlib_module_names and name != "sightline"
        if not {distribution_of(each) for each in brought_by.get(name, [name])} & declared
    }
    assert not found, f"declare it in pyproject.toml, or do without: {sorted(found)}"


def test_every_file_that_is_not_code_is_packaged() -> None:
    """What package-data does not name is missing from an installed Sightline, and only there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    files = [path for path in SOURCE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    missing = [name_of(path) for path in files if not any(fnmatch(path.name, pattern) for pattern in patterns)]
    assert not missing, f"name them under tool.setuptools.package-data: {missing}"
