"""Build the wheel as a user's pip would, and use it elsewhere on each allowed picows.

A wheel is compiled against one picows and runs on a range of them: a changed C type
shows only when the finished wheel meets the other version.
"""

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
ROUND_TRIP = Path(__file__).with_name("round_trip.py")
# picows this much older than allowed must be refused in words, not by a crash.
TOO_OLD = "2.2.0"


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command in a folder and return what it printed."""
    print("$", *command, flush=True)
    # Neither this interpreter's packages nor a flavour may reach the command.
    hidden = ("PYTHONPATH", "SIOC_FLAVOUR")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    return subprocess.run(
        command, cwd=cwd, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def build_wheel(folder: Path) -> Path:
    """Build the sdist, from it the wheel, with nothing but [build-system] installed."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def lowest_picows(wheel: Path) -> str:
    """Return the lowest picows that the wheel allows."""
    archive = zipfile.ZipFile(wheel)
    (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
    metadata = Parser().parsestr(archive.read(name).decode())
    needed = map(Requirement, metadata.get_all("Requires-Dist") or [])
    (picows,) = [requirement for requirement in needed if requirement.name == "picows"]
    (lowest,) = [s.version for s in picows.specifier if s.operator == ">="]
    return lowest


def install(folder: Path, *packages: str | Path) -> Path:
    """Make an environment with these packages and return its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    pip(python, *packages)
    return python


def pip(python: Path, *arguments: str | Path) -> None:
    """Install into the environment of an interpreter."""
    quiet = ("--quiet", "--disable-pip-version-check")
    run(python, "-m", "pip", "install", *quiet, *arguments, cwd=python.parent)


def round_trip(python: Path, folder: Path) -> str:
    """Import sioc and let it talk to a server; return the version of picows it used."""
    return run(python, "-W", "error", ROUND_TRIP, cwd=folder).strip()


def check_refusal(python: Path, folder: Path) -> None:
    """Check that importing sioc on a picows outside the range says what is wrong."""
    pip(python, "--no-deps", f"picows=={TOO_OLD}")
    imported = subprocess.run(
        [python, "-c", "import sioc"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    last = imported.stderr.strip().rpartition("\n")[2]
    if not (last.startswith("ImportError: ") and "picows" in last and TOO_OLD in last):
        sys.exit(f"picows {TOO_OLD} is not refused in words:\n{imported.stderr}")
    print(last)


def main() -> None:
    """Build, then test on the lowest and on the newest picows that is allowed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build_wheel(folder)
        lowest = lowest_picows(wheel)
        python = install(folder / "lowest", wheel, f"picows=={lowest}")
        print("works on picows", used := round_trip(python, folder))
        if used != lowest:
            sys.exit(f"expected picows {lowest}")
        pip(python, "--upgrade", "--upgrade-strategy", "eager", wheel)
        print("works on picows", round_trip(python, folder))
        check_refusal(python, folder)


if __name__ == "__main__":
    main()
