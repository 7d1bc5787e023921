"""The rules that no linter knows: imports point one way, the domain is pure, nothing names a machine."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.floor_plan import ROOMS, drawn, room_of

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "ecomkafka"

IMPURE = {"io", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}

MAX_LINES = 200
"""Lines that say something: blank ones don't count."""

MAX_FUNCTION_LINES = 60

MAX_MODULES = 16
"""On one floor: then a room wants smaller ones inside it."""

TARGETS = {
    *("help", "build", "up", "down", "status", "create-topics", "list-topics", "create-order", "kafka-ui", "health"),
    *("logs", "logs-order", "logs-inventory", "logs-notification", "logs-analytics", "logs-kafka"),
    *("clean", "demo", "lab", "test", "lint"),
}

MACHINE = r"(?<![\w.])/(work|root|home|Users)/\w|C:\\\\?Users"
# In brackets, so that this line does not find itself.
REGISTRY = "|".join(
    (
        r"p[y]pi\.org",
        "p[y]thonhosted",
        r"repo1\.m[a]ven",
        r"npm[j]s\.org",
        r"(ghcr|docker)\.[i]o",
        "--(extra-)?index-url",
        "--find-links",
    )
)
BINARY = {".pyc", ".png", ".xz"}


def name_of(module: Path) -> str:
    return ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def tree_of(module: str) -> ast.Module:
    """Parsed where it is asked for: each worker of a run collects this file, and one of them runs it."""
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def within(name: str, layer: str) -> bool:
    return f"{name}.".startswith(f"ecomkafka.{layer}.")


def imports(module: str) -> Iterator[str]:
    """The full names of what is imported, at the top or inside a function."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(module: str) -> set[str]:
    """The modules of the package that `module` imports."""
    names = {name if name in MODULES else name.rpartition(".")[0] for name in imports(module)}
    return {name for name in names if name in MODULES and name != "ecomkafka"}


def test_every_module_has_a_room() -> None:
    assert {room_of(module) for module in MODULES if module != "ecomkafka"} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_the_plan_says(room: str) -> None:
    """No more, and no less: an arrow that nobody needs any more goes from the plan too."""
    inside = [module for module in MODULES if within(module, room)]
    found = {room_of(name) for module in inside for name in own_imports(module)} - {room}
    assert sorted(found) == sorted(ROOMS[room].imports)


def test_arrows_between_rooms_point_one_way() -> None:
    """A room imports only rooms that stand before it in the plan."""
    order = list(ROOMS)
    assert [
        (room, other) for room in order for other in ROOMS[room].imports if order.index(other) >= order.index(room)
    ] == []


def test_no_two_modules_import_each_other() -> None:
    """Nor in a longer circle: what nobody imports is taken away, again and again, until nothing is left."""
    left = {module: own_imports(module) - {module} for module in MODULES if module != "ecomkafka"}
    while leaves := {module for module, needs in left.items() if not needs & left.keys()}:
        left = {module: needs for module, needs in left.items() if module not in leaves}
    assert left == {}


def test_a_room_says_what_it_is_for() -> None:
    said = {room: ast.get_docstring(tree_of(f"ecomkafka.{room}")) or "" for room in ROOMS}
    assert {room: " ".join(text.split("\n\n")[0].split()) for room, text in said.items()} == {
        room: plan.sentence for room, plan in ROOMS.items()
    }


def test_no_floor_is_crowded() -> None:
    floors = {path.parent for path in PACKAGE.rglob("*.py")}
    counts = {floor: sum(1 for path in floor.glob("*.py") if path.name != "__init__.py") for floor in floors}
    assert {str(floor): count for floor, count in counts.items() if count > MAX_MODULES} == {}


def test_the_floor_plan_is_drawn_as_it_is() -> None:
    page = (ROOT / "docs/architecture/README.md").read_text(encoding="utf-8")
    assert drawn() in page, "run .venv/bin/python tools/draw_floor_plan.py"


def test_tests_lie_in_the_rooms_of_what_they_test() -> None:
    """What is of no room, or of the whole project, is in `project`."""
    folders = {path.parent for kind in ("unit", "integration") for path in (ROOT / "tests" / kind).rglob("test_*.py")}
    assert {folder.name for folder in folders} - {*ROOMS, "project", "unit"} == set()


def test_services_meet_on_topics_only() -> None:
    inside = [module for module in MODULES if within(module, "services")]
    assert [(m, n) for m in inside for n in own_imports(m) if within(n, "services") and m != n] == []


def test_every_import_is_absolute() -> None:
    """A relative one hides its direction from the tests here."""
    nodes = [(module, node) for module in MODULES for node in ast.walk(tree_of(module))]
    assert [module for module, node in nodes if isinstance(node, ast.ImportFrom) and node.level] == []


def test_the_domain_imports_messages_and_the_standard_library_only() -> None:
    wrong = [
        f"{module} imports {name}"
        for module in MODULES
        if within(module, "domain")
        for name in imports(module)
        if not (within(name, "domain") or within(name, "messages") or name.split(".")[0] in sys.stdlib_module_names)
    ]
    assert wrong == []


def test_the_domain_and_its_model_checker_are_pure() -> None:
    """No clock, no randomness, no thread, no input and no output: what it needs of them is passed in."""
    for module in (module for module in MODULES if within(module, "domain") or within(module, "model_checking")):
        assert not IMPURE & {name.split(".")[0] for name in imports(module)}, module
        calls = {ast.unparse(node.func) for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)}
        assert not calls & {"datetime.now", "datetime.utcnow", "date.today", "open", "input", "print"}, module


def test_messages_import_nothing_of_the_shop() -> None:
    inside = [module for module in MODULES if within(module, "messages")]
    assert [(m, n) for m in inside for n in own_imports(m) if not within(n, "messages")] == []


def test_only_the_command_line_prints() -> None:
    """In a notebook a thread's output lands in whichever cell runs."""
    prints = [
        f"{module}, line {node.lineno}"
        for module in MODULES
        if not within(module, "cli")
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]
    assert prints == []


def test_every_module_says_what_it_is() -> None:
    assert [module for module in MODULES if not ast.get_docstring(tree_of(module))] == []


def test_every_module_can_be_read_at_one_sitting() -> None:
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    lengths = {module: sum(1 for line in text.splitlines() if line.strip()) for module, text in texts.items()}
    assert {module: length for module, length in lengths.items() if length > MAX_LINES} == {}


def test_every_function_fits_on_a_slide() -> None:
    functions = (
        (f"{module}.{node.name}", node)
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lengths = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions}
    assert {name: length for name, length in lengths.items() if length > MAX_FUNCTION_LINES} == {}


def project_files() -> Iterator[Path]:
    """Every text file that is ours, wherever the project was unpacked: git need not be there."""
    hidden = (".ci", ".github", ".binder", ".devcontainer")
    folders = ("ecomkafka", "tests", "tools", "docs", "schemas", "notebooks", "benchmarks", *hidden)
    inside = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    for path in (*ROOT.iterdir(), *inside):
        own = path != Path(__file__) and path.name != ".git"  # in a worktree of git that is a file
        if path.is_file() and path.suffix not in BINARY and own:
            yield path


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Whoever clones the project has other folders, and may use a mirror."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in project_files()
        if (match := re.search(f"{MACHINE}|{REGISTRY}", path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def test_the_makefile_has_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = re.findall(r"^([\w .%-]+):(?!=)", makefile, re.MULTILINE)
    assert {name for rule in rules for name in rule.split()} >= TARGETS


def test_topics_are_deleted_in_one_place() -> None:
    """It knows of brokers that may not."""
    calls = {
        module
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "delete_topics"
    }
    assert calls == {"ecomkafka.clients.admin"}
