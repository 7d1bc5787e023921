"""The kernel that the lessons run on, as a page connects to it."""

from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.waiting import PATIENCE

PAGES = 400
_LIMIT_MS = int(PATIENCE * 1000)


@pytest.fixture
def kernel() -> Iterator[KernelManager]:
    manager = KernelManager()
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture
def client(kernel: KernelManager) -> Iterator[BlockingKernelClient]:
    client = kernel.client()
    assert isinstance(client, BlockingKernelClient)
    client.start_channels()
    yield client
    client.stop_channels()


def test_a_kernel_answers_the_first_request_of_every_page_that_connects(
    kernel: KernelManager, client: BlockingKernelClient
) -> None:
    """JupyterLab's server asks on a shell channel and leaves it as soon as the control channel answers, and only then
    the page's own requests come. ipykernel 7.0 to 7.3 left one in forty unread for ever:
    https://github.com/ipython/ipykernel/issues/1554
    """
    client.wait_for_ready(timeout=PATIENCE)
    for page in range(PAGES):
        nudge, control = kernel.connect_shell(), kernel.connect_control()
        client.session.send(nudge, "kernel_info_request")
        client.session.send(control, "kernel_info_request")
        assert control.poll(_LIMIT_MS)
        nudge.close(0)
        control.close(0)
        shell = kernel.connect_shell()
        client.session.send(shell, "kernel_info_request")
        assert shell.poll(_LIMIT_MS), f"page {page + 1} of {PAGES} waits for its kernel"
        shell.close(0)
