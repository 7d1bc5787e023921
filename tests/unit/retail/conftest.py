"""What the tests of files share."""

import pytest


@pytest.fixture
def file(tmp_path):
    """Writes a file of this content, and returns its path."""

    def write(content, name="retail.csv"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write
