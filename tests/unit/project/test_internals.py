"""One folder names the private parts of kafka-python, so that an upgrade of kafka-python opens nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import kafka
import pytest

ROOT = Path(__file__).parents[3]
INTERNALS = ROOT / "ecomkafka/clients/internals"
OWN = ("self", "cls")

OF_PYTHON = {"_asdict", "_fields", "_make", "_replace"}
"""The public methods of a named tuple."""


def trees(*folders: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def private_names() -> set[str]:
    """Every private attribute, method and function of kafka-python, as it is installed."""
    names = set()
    for _, tree in trees(Path(kafka.__file__).parent):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
    return {name for name in names if is_private(name)} - OF_PYTHON


def named(tree: ast.Module, private: set[str]) -> Iterator[tuple[int, str]]:
    """Line and name where the module names one: of another object, by import, or of a base class of kafka-python's."""
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "kafka":
            imported |= {alias.asname or alias.name for alias in node.names}
            yield from ((node.lineno, alias.name) for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and node.attr in private and ast.unparse(node.value) not in OWN:
            yield node.lineno, node.attr
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and {ast.unparse(base).split(".")[0] for base in node.bases} & imported:
            for inside in ast.walk(node):
                name = getattr(inside, "attr", getattr(inside, "name", None))
                if isinstance(name, str) and name in private:
                    yield inside.lineno, name


@pytest.mark.parametrize("folder", ["ecomkafka", "benchmarks", "tools"])
def test_no_other_module_names_a_private_part(folder: str) -> None:
    private = private_names()
    assert {"_manager", "_conns", "_fetcher", "_coordinator", "_sock_recv", "_buffer"} <= private
    found = {
        f"{path.relative_to(ROOT)}, line {line}: {name}"
        for path, tree in trees(ROOT / folder)
        if INTERNALS not in path.parents
        for line, name in named(tree, private)
    }
    assert sorted(found) == []


def test_each_function_says_since_when_and_is_tried_on_the_broker() -> None:
    tests = (ROOT / "tests/integration/clients/test_internals.py").read_text(encoding="utf-8")
    nodes = [node for _, tree in trees(INTERNALS) for node in tree.body]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert functions
    for node in functions:
        assert "Since " in (ast.get_docstring(node) or ""), node.name
        assert re.search(rf"\b{node.name}\b", tests), node.name
