"""What the system lets one process have (ulimit), and the sentence for too little of it."""

import sys

from ecomkafka.machine.errors import BrokerError

MIN_OPEN_FILES = 256
MIN_FILE_MB = 100
"""A node makes each index of 10 MB at once, and a segment of its log grows."""


def check_limits() -> None:
    """Check that a node can run under this process's limits. Raises BrokerError that names the one that is too low."""
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < MIN_OPEN_FILES:
        raise BrokerError(f"{most} files may be open here, and a broker needs {MIN_OPEN_FILES}: raise 'ulimit -n'")
    size, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if size != resource.RLIM_INFINITY and size < MIN_FILE_MB * 2**20:
        megabytes = f"{size / 2**20:.1f} MB"
        raise BrokerError(
            f"a file may have {megabytes} here, and one of a broker needs {MIN_FILE_MB} MB: raise 'ulimit -f'"
        )
