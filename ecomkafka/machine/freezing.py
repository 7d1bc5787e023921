"""The freezing of a process, confirmed before the call returns."""

import time

import psutil

_SECONDS = 2.0


def freeze(process: psutil.Process) -> None:
    """Stop the process (SIGSTOP) until `resume`. Raises TimeoutError, and lets it run, if it did not stop.

    The signal goes to one thread, which has to be scheduled before it stops the others: until then they go on.
    """
    process.suspend()
    deadline = time.monotonic() + _SECONDS
    while process.status() != psutil.STATUS_STOPPED:
        if time.monotonic() > deadline:
            process.resume()
            raise TimeoutError(f"process {process.pid} was told to stop and runs on after {_SECONDS:g} s")
        time.sleep(0.001)
