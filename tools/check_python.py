"""For make: prints "useful:" if this Python can make .venv, else "useless:" and one sentence.

Any Python can read it, from 2.7 on.
"""

import sys

MINIMUM = (3, 11)


def verdict(name, goal):  # type: ignore[no-untyped-def]  # old Pythons can't read types
    """What make ends with, or nothing; `name` is how this Python was called, `goal` what for."""
    another = "name another one, for example: make " + goal + " PYTHON=python3.12"
    if sys.version_info[:2] < MINIMUM:
        version = ".".join(str(part) for part in sys.version_info[:3])
        needed = ".".join(str(part) for part in MINIMUM)
        return "Python " + needed + " or newer is needed, and " + name + " is Python " + version + ": " + another
    for module in ("venv", "ensurepip"):
        try:
            __import__(module)
        except ImportError:
            install = "install it (Debian: apt-get install python3-venv), or "
            return name + " can't make .venv, since its module " + module + " is missing: " + install + another
    return ""


if __name__ == "__main__":
    sentence = verdict(sys.argv[1], (sys.argv[2:] or ["demo"])[0])
    sys.stdout.write(("useless: " + sentence if sentence else "useful:") + "\n")
