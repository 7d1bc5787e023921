"""How many files and connections this process may have open: many systems begin with 1,024, and allow more."""

import sys


def allow_open_files(count: int) -> None:
    """Raise the process's own limit to `count`, or to what the system allows. On Windows there is no such limit."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY:
            count = min(count, hard)
        if soft != resource.RLIM_INFINITY and soft < count:
            resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
