import subprocess
import sys

PROGRAM = """
import resource
from ecomkafka.machine.open_files import allow_open_files

resource.setrlimit(resource.RLIMIT_NOFILE, (100, 400))
found = []
for count in (200, 50, 1_000):
    allow_open_files(count)
    found.append(resource.getrlimit(resource.RLIMIT_NOFILE))
print(found)
"""


def test_the_limit_is_raised_as_far_as_the_system_allows_and_never_lowered() -> None:
    """In a process of its own: what has been raised can't be taken back."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[(200, 400), (200, 400), (400, 400)]"
