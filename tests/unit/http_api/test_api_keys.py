"""API keys in a file: what is added is known, and what is no line is named."""

from pathlib import Path

import pytest

from ecomkafka.http_api.api_keys import ApiKeys, add_key, hash_of


def test_a_key_that_was_added_is_known_and_is_not_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    first, second = add_key(file, "web"), add_key(file, "app")
    keys = ApiKeys.read(file)
    assert (keys.client(first), keys.client(second)) == ("web", "app")
    assert [keys.client(wrong) for wrong in ("", first[:-1], first + "x", hash_of(first), "\ud800")] == [None] * 5
    assert first not in file.read_text(encoding="utf-8")


def test_a_name_has_one_key(tmp_path: Path) -> None:
    add_key(tmp_path / "keys", "web")
    with pytest.raises(ValueError, match="has a key for 'web' already"):
        add_key(tmp_path / "keys", "web")
    with pytest.raises(ValueError, match="name is 'a b'"):
        add_key(tmp_path / "keys", "a b")


@pytest.mark.parametrize("line", ["web", "web 12", "", f"a b {'0' * 64}", f"web {'0' * 64}\nweb {'0' * 64}"])
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "keys"
    file.write_text(f"app {'1' * 64}\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"keys, line [23]: a new name and the SHA-256"):
        ApiKeys.read(file)
