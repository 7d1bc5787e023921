"""The README's picture and tables against the code."""

import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from ecomkafka.broker.jars import LOCK
from ecomkafka.broker.java import MINIMUM
from ecomkafka.cli import app
from ecomkafka.domain.windows.closing_and_lateness import ALLOWED_LATENESS, IDLE_AFTER
from ecomkafka.engine.state import State
from ecomkafka.flow import HOPS, ROUTES
from ecomkafka.messages import OrderCreated, Reserve
from ecomkafka.services.order import DEADLINE
from ecomkafka.settings import Settings

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WORDS = " ".join(README.split())
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/decisions.md")


def edges() -> set[tuple[str, str, str]]:
    """(from, arrow, to) of the picture, by the ids of the nodes."""
    (picture,) = re.findall(r"```mermaid\n(.*?)```", README, re.DOTALL)
    return set(re.findall(r"^ +(\w+)\S*(?: \w+)*[\])]* (-->|-\.->) (\w+)", picture, re.MULTILINE))


def node(topic: str) -> str:
    return topic.replace(".", "_")


def test_the_picture_is_the_flow() -> None:
    expected = {("client", "-->", node(ROUTES[message].topic)) for message in (OrderCreated, Reserve)}
    expected.add(("orders_events", "-->", "readmodel"))
    for hop in HOPS.values():
        expected |= {(node(topic), "-->", hop.service) for topic in hop.reads}
        expected |= {(hop.service, "-->", node(topic)) for topic in hop.writes}
        if hop.changelog:
            expected.add((hop.service, "-.->", node(hop.changelog)))
    assert edges() == expected


def test_every_topic_in_the_picture_bears_its_name() -> None:
    for identity, label in re.findall(r"(\w+)\[\(([^)]+)\)\]", README):
        assert identity == node(label)


def test_every_command_is_in_the_table_and_every_one_in_the_table_exists() -> None:
    rows = re.findall(r"^\| `ecomkafka (.+?) \|", README, re.MULTILINE)
    named = {name.strip("` ") for row in rows for name in row.split(",")}
    command = typer.main.get_command(app)
    assert named == set(getattr(command, "commands"))  # noqa: B009 - a group's, which typer types as a command


def test_every_setting_is_in_the_table_and_every_one_in_the_table_is_read() -> None:
    named = set(re.findall(r"^\| `(ECOMKAFKA_\w+)`", README, re.MULTILINE))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ecomkafka").rglob("*.py"))
    read = {f"ECOMKAFKA_{field.upper()}" for field in Settings.__dataclass_fields__}
    read |= set(re.findall(r'environ\.get\("(ECOMKAFKA_\w+)"', sources))
    assert named == read


@pytest.mark.parametrize(
    "told",
    [
        f"version {LOCK.version} in KRaft mode",
        f"deadline of {DEADLINE.seconds} seconds",
        f"silent for {IDLE_AFTER.seconds} seconds",
        f"newest {State.remember:,} of each partition",
        f"Java, {MINIMUM} or newer",
    ],
)
def test_the_numbers_are_those_of_the_code(told: str) -> None:
    assert told in WORDS


def test_the_allowed_lateness_is_the_minute_that_the_readme_tells_of() -> None:
    assert ALLOWED_LATENESS.total_seconds() == 60
    assert "allowed lateness (one minute)" in WORDS


def test_the_lessons_are_listed_with_their_notebooks() -> None:
    listed = re.findall(r"^\| \d\db? \| \[.*\]\(notebooks/(.*)\)", README, re.MULTILINE)
    assert listed == sorted(file.name for file in (ROOT / "notebooks").glob("[0-9][0-9]*_*.ipynb"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_within_the_project_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    linked = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert [link for link in linked if not (ROOT / document).parent.joinpath(link).exists()] == []


def test_every_library_that_is_asked_for_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    names = [re.split(r"[^\w.-]", line)[0] for line in asked]
    decisions = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    stubs = re.compile(r"types-.*|.*-stubs")
    assert [name for name in names if name not in decisions and not stubs.fullmatch(name)] == []


def test_the_changelog_has_the_package_s_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
