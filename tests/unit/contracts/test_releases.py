"""The released schemas: kept as they were, and today's messages fit to them; three changes that do not."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ecomkafka.cli import app
from ecomkafka.contracts.releases import POLICY, Level, Release, load, problems
from ecomkafka.contracts.schema import by_type, schemas
from ecomkafka.contracts.upcasting import Upcast, upcast
from ecomkafka.messages import MESSAGES

ROOT = Path(__file__).parents[3]
RELEASES = load(ROOT / "schemas")
LAST = RELEASES[-1]


def changed(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy to be changed."""
    return copy.deepcopy(schema)


def said(current: dict[str, Any], *levels: Level) -> list[str]:
    return [str(problem) for level in levels or POLICY for problem in problems(RELEASES, current, level)]


@pytest.mark.parametrize("level", POLICY)
def test_todays_messages_fit_to_the_released_ones(level: Level) -> None:
    assert list(problems(RELEASES, by_type(schemas()), level)) == []


def test_releases_are_numbered_without_a_gap_and_name_their_commit() -> None:
    assert [release.number for release in RELEASES] == list(range(1, len(RELEASES) + 1))
    assert all(len(release.commit) == 40 and int(release.commit, 16) for release in RELEASES)


def test_every_message_of_every_release_is_a_message_still() -> None:
    known = {message.__struct_config__.tag for message in MESSAGES}
    assert {kind for release in RELEASES for kind in release.schemas} <= known


def test_a_renamed_field_breaks_both_sides_and_is_named() -> None:
    current = changed(LAST.schemas)
    fields = current["ORDER_CREATED"]
    fields["properties"]["client_id"] = fields["properties"].pop("customer_id")
    fields["required"] = ["client_id" if name == "customer_id" else name for name in fields["required"]]
    backward, forward = said(current, Level.FULL)
    assert backward.startswith("ORDER_CREATED.client_id must be there to be read, and is not written: this version's")
    assert f"records of {LAST.name}" in backward
    assert "expand first and contract later" in backward
    assert forward.startswith("ORDER_CREATED.customer_id must be there to be read, and is not written: readers of")


def test_another_unit_of_money_breaks_both_sides_and_is_named() -> None:
    current = changed(LAST.schemas)
    current["ORDER_CONFIRMED"]["properties"]["total"] = {"type": "integer", "minimum": 0}
    assert [sentence.split(":")[0] for sentence in said(current, Level.FULL)] == [
        "ORDER_CONFIRMED.total is written as string (decimal) and read as integer",
        "ORDER_CONFIRMED.total is written as integer and read as string (decimal)",
    ]


def test_a_longer_id_breaks_readers_that_still_run_and_is_named() -> None:
    current = changed(LAST.schemas)
    current["RESERVE"]["properties"]["order_id"]["maxLength"] = 200
    assert said(current, Level.BACKWARD) == []
    (forward,) = said(current, Level.FULL)
    assert forward.startswith("RESERVE.order_id is written with maxLength 200, read with maxLength 100: readers of")


def test_a_message_that_is_gone_is_told() -> None:
    current = {kind: schema for kind, schema in LAST.schemas.items() if kind != "RESTOCK"}
    (sentence,) = said(current, Level.FULL)
    assert sentence.startswith("RESTOCK is no message any more: this version's readers break on records of")


def test_a_new_message_breaks_nobody() -> None:
    current = LAST.schemas | {"ORDER_EATEN": changed(LAST.schemas["ORDER_CONFIRMED"])}
    assert said(current) == []


def test_a_name_that_once_meant_something_else_is_found_in_the_older_release() -> None:
    """Only a transitive level sees it: the last release has no such field."""
    oldest = changed(LAST.schemas)
    oldest["RELEASE"]["properties"]["note"] = {"type": "integer"}
    history = [Release(0, "0" * 40, oldest), LAST]
    current = changed(LAST.schemas)
    current["RELEASE"]["properties"]["note"] = {"type": "string"}
    assert list(problems(history, current, Level.FULL)) == []
    (found,) = problems(history, current, Level.BACKWARD_TRANSITIVE)
    assert (found.release, found.found.field) == ("v0", "note")


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {"client_id": fields["customer_id"]}


STEP = Upcast("ORDER_CREATED", LAST.number, ("client_id",), _named)


def test_an_upcast_gives_what_old_records_have_not() -> None:
    current = changed(LAST.schemas)
    current["ORDER_CREATED"]["properties"]["client_id"] = {"type": "string"}
    current["ORDER_CREATED"]["required"].append("client_id")
    (found,) = problems(RELEASES, current, Level.BACKWARD)
    assert found.found.field == "client_id"
    assert list(problems(RELEASES, current, Level.BACKWARD, [STEP])) == []


def test_a_step_is_applied_to_its_type_and_only_where_it_is_needed() -> None:
    old = {"type": "ORDER_CREATED", "customer_id": "ann"}
    assert upcast(old, [STEP]) == old | {"client_id": "ann"}
    assert upcast(old | {"client_id": "bob"}, [STEP])["client_id"] == "bob"
    assert upcast({"type": "RESTOCK"}, [STEP]) == {"type": "RESTOCK"}


def test_the_command_says_what_it_has_checked_and_fails_on_a_break(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["schemas", "check", "--folder", str(ROOT / "schemas")])
    assert run.exit_code == 0, run.output
    assert f"{len(MESSAGES)} messages against" in run.output
    document = json.loads((ROOT / "schemas" / LAST.name / "events.json").read_text(encoding="utf-8"))
    document["$defs"]["Restock"]["properties"]["restock_id"]["maxLength"] = 300
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "events.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "v1" / "release.json").write_text(json.dumps({"commit": LAST.commit}), encoding="utf-8")
    run = CliRunner().invoke(app, ["schemas", "check", "--folder", str(tmp_path)])
    assert run.exit_code == 1
    assert "RESTOCK.restock_id is written with maxLength 300, read with maxLength 100" in run.output
    with pytest.raises(LookupError, match="no released schemas"):
        load(tmp_path / "v1")
