"""The shipped page in JupyterLab: alive after Run All, and after a restart; as it was saved until it is run."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Picture
from tests.browser.lab_page import SEEN_SECONDS, LabPage

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "19_shop_floor.ipynb"
CODE = [
    cell["source"] for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
]
FLOOR = CODE.index(["floor"])


def test_after_a_restart_and_run_all_an_order_is_placed_and_seen_confirmed(lab: LabPage, picture: Picture) -> None:
    lab.open_shipped(NOTEBOOK)
    lab.run_all()
    lab.restart_and_run_all()
    floor = lab.output(FLOOR)
    floor.get_by_role("textbox", name="Customer").fill("zoe")
    floor.get_by_role("spinbutton", name="Headset").fill("1")
    floor.get_by_role("button", name="Place order").click()
    expect(floor.get_by_role("row", name=re.compile("zoe .*CONFIRMED"))).to_be_visible()
    picture("shop_floor_after_a_restart")


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
def test_before_it_is_run_the_page_shows_what_it_showed(trusted: bool, lab: LabPage, picture: Picture) -> None:
    """JupyterLab shows a widget rather than a picture of it, in a notebook that it trusts: none may be in the file."""
    lab.open_shipped(NOTEBOOK, trusted)
    floor = lab.output(FLOOR)
    expect(floor.get_by_role("heading", name="Order desk")).to_be_visible(timeout=SEEN_SECONDS * 1000)
    expect(floor.get_by_role("row", name=re.compile("ann .*CONFIRMED"))).to_be_visible()
    saga = floor.get_by_role("img", name=re.compile("Swim-lane of ANN-1"))
    saga.scroll_into_view_if_needed()
    assert saga.evaluate("image => image.naturalWidth") > 0
    picture(f"shop_floor_not_run_{'trusted' if trusted else 'untrusted'}")
