"""docs/architecture: what the tour links to exists, and each stop is short."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "docs" / "architecture").glob("*.md"))
STOPS = [page for page in PAGES if page.name[:2].isdigit()]
LINK = re.compile(r"\[(`?)([^\]`]+)`?\]\(([^)#]+)\)")
CODE = re.compile(r"`((?:\w+/)+\w+\.py|\w+\.py)`")

MAX_LINES = 60


def names_in(body: list[ast.stmt], prefix: str = "") -> set[str]:
    """ "Loop", "Loop.run": what a module or a class defines or takes over from another module by its name."""
    found: set[str] = set()
    for node in body:
        match node:
            case ast.ClassDef():
                found |= {prefix + node.name} | names_in(node.body, f"{prefix}{node.name}.")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                found.add(prefix + node.name)
            case ast.Assign():
                found |= {prefix + target.id for target in node.targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(prefix + name)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    missing = []
    for is_symbol, text, target in LINK.findall(page.read_text(encoding="utf-8")):
        file = page.parent / target
        if not file.is_file():
            missing.append(target)
        elif is_symbol and text not in names_in(ast.parse(file.read_text(encoding="utf-8")).body):
            missing.append(f"{text} in {target}")
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    named = set(CODE.findall(page.read_text(encoding="utf-8")))
    assert {name for name in named if not ((ROOT / "ecomkafka" / name).is_file() or (ROOT / name).is_file())} == set()


@pytest.mark.parametrize("page", STOPS, ids=lambda page: page.stem)
def test_a_stop_is_short(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_each_stop_leads_to_the_next() -> None:
    for page, following in zip(STOPS, [*STOPS[1:], ROOT / "docs/architecture/README.md"], strict=True):
        assert f"({following.name})" in page.read_text(encoding="utf-8"), page.name
