"""The rules that no linter knows: imports point one way, the domain is pure, nothing names a machine."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ecomkafka"

FORBIDDEN = {
    "runtime": ("services", "gateways", "domain", "lab", "cli"),
    "gateways": ("services", "lab", "cli"),
    "services": ("services", "lab", "cli"),
    "lab": ("cli",),
}
"""What a layer may not import: lab -> services -> runtime, domain -> messages. Services meet on topics only."""

IMPURE = {"io", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}

MAX_LINES = 200
"""Lines that say something: blank ones don't count."""

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


MODULES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def within(name: str, layer: str) -> bool:
    return f"{name}.".startswith(f"ecomkafka.{layer}.")


def imports(module: str) -> Iterator[str]:
    """The full names of what is imported, at the top or inside a function."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_point_one_way() -> None:
    wrong = [
        f"{module} imports {name}"
        for layer, unknown in FORBIDDEN.items()
        for module in MODULES
        if within(module, layer)
        for name in imports(module)
        if any(within(name, other) for other in unknown)
    ]
    assert wrong == []


def test_every_import_is_absolute() -> None:
    """A relative one hides its direction from the tests here."""
    nodes = [(module, node) for module, tree in MODULES.items() for node in ast.walk(tree)]
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


def test_the_domain_is_pure() -> None:
    """No clock, no randomness, no thread, no input and no output: what it needs of them is passed in."""
    for module in (module for module in MODULES if within(module, "domain")):
        assert not IMPURE & {name.split(".")[0] for name in imports(module)}, module
        calls = {ast.unparse(node.func) for node in ast.walk(MODULES[module]) if isinstance(node, ast.Call)}
        assert not calls & {"datetime.now", "datetime.utcnow", "date.today", "open", "input", "print"}, module


def test_messages_import_nothing_of_the_shop() -> None:
    assert [name for name in imports("ecomkafka.messages") if name.startswith("ecomkafka")] == []


def test_only_the_command_line_prints() -> None:
    """In a notebook a thread's output lands in whichever cell runs."""
    prints = [
        f"{module}, line {node.lineno}"
        for module, tree in MODULES.items()
        if not within(module, "cli")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    ]
    assert prints == []


def test_every_module_says_what_it_is() -> None:
    assert [module for module, tree in MODULES.items() if not ast.get_docstring(tree)] == []


def test_every_module_can_be_read_at_one_sitting() -> None:
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    lengths = {module: sum(1 for line in text.splitlines() if line.strip()) for module, text in texts.items()}
    assert {module: length for module, length in lengths.items() if length > MAX_LINES} == {}


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
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "delete_topics"
    }
    assert calls == {"ecomkafka.runtime.admin"}
