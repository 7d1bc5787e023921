"""Write requirements.txt, requirements-spark.txt and environment.yml anew: run it after a change of pyproject.toml,
then read the diff.

What is pinned stays as it is unless pyproject.toml rules it out; `--upgrade` takes the newest of everything.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "requirements.txt"
SPARK = ROOT / "requirements-spark.txt"
"""What the extra `spark` adds: half a gigabyte, which only `make proof` needs."""

ENVIRONMENT = ROOT / "environment.yml"
EXTRAS = ("gateway", "lab", "metrics", "registry", "streams", "test")
COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--fork-strategy", "fewest"),  # one version of a package on every Python
    *("--no-emit-index-url", "--no-header", "--no-annotate"),
)
ALL = ("pyproject.toml", *(part for extra in EXTRAS for part in ("--extra", extra)))
CONDA = """\
# Made by tools/lock_requirements.py: the direct dependencies, in the versions of requirements.txt.
name: ecomkafka
channels: [conda-forge]
dependencies:
  - python=3.12
  - make
  - pip
  - pip:
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        programs = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin")
        subprocess.run([str(programs / "python"), "-m", "pip", "install", "--quiet", "uv"], check=True)
        command = [str(programs / "uv"), *COMPILE, *sys.argv[1:]]
        subprocess.run([*command, *ALL, "-o", REQUIREMENTS.name], cwd=ROOT, check=True)
        beside = ("-", "--constraint", REQUIREMENTS.name, "-o", SPARK.name)
        subprocess.run([*command, *beside], cwd=ROOT, check=True, input="\n".join(asked_for()["spark"]), text=True)
    lines = "".join(f"      - {name}=={version}\n" for name, version in direct_pins().items())
    ENVIRONMENT.write_text(f"{CONDA}{lines}      - -e .\n", encoding="utf-8", newline="\n")


def asked_for() -> dict[str, list[str]]:
    """The requirements of pyproject.toml by extra; "": those of everybody."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"": project["dependencies"], **project["optional-dependencies"]}


def direct_pins() -> dict[str, str]:
    """What pyproject.toml asks for, with the extras of COMPILE, as requirements.txt has it."""
    extras = asked_for()
    asked = [
        *extras[""],
        *extras["gateway"],
        *extras["lab"],
        *extras["metrics"],
        *extras["registry"],
        *extras["streams"],
        *extras["test"],
    ]
    # A name as it is written, with its extras: "psycopg[binary]~=3.2" -> "psycopg[binary]".
    names = sorted(re.split(r"[^\w.\[\]-]", requirement)[0].lower() for requirement in asked)
    locked = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    versions = dict(line.split(";")[0].strip().split("==") for line in locked)
    return {name: versions[name.split("[")[0]] for name in names}


if __name__ == "__main__":
    main()
