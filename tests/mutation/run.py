"""Make each mutant in a copy of the tree, and see whether its tests fail.

    PYTHONPATH=tests python -m mutation.run [--jobs 2] [--only PART] [--report]

A file's tests must pass before it is changed. A mutant is caught when they fail, or do
not come to an end. Compiled mutants are compiled again, alone.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from mutation.mutants import ROOT, Mutant, load
from peers import reports

PATIENCE = 240  # seconds that the tests of a mutant may take
TAG = sys.implementation.cache_tag
LEFT_OUT = (".git", ".venv*", ".*_cache", "mutation-*", "node_modules", "debug")
NODE_MODULES = ROOT / "tests" / "live" / "servers" / "node_modules"
BUILD = [
    *(sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"),
    *("--build-lib", f"build/{TAG}/release/lib"),
    *("--build-temp", f"build/{TAG}/release/temp"),
]
CAUGHT = "caught"
PATH = attrgetter("path")
PYTEST = (sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider")


class Tree:
    """A copy of the source tree, with what was built in it.

    Args:
        root: Where it goes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        ignored = shutil.ignore_patterns(*LEFT_OUT)
        shutil.copytree(ROOT, root, ignore=ignored, symlinks=True)
        (root / NODE_MODULES.relative_to(ROOT)).symlink_to(NODE_MODULES)

    def passes(self, tests: tuple[str, ...]) -> bool:
        """Run tests; tell whether they have come to an end and passed."""
        return self._run([*PYTEST, *tests]) == 0

    def verdict(self, mutant: Mutant) -> str:
        """Make a mutant, and tell what becomes of it."""
        path = self._root / mutant.path
        kept = {
            file: (file.read_bytes(), file.stat())
            for file in self._root.rglob(f"{path.stem}.*")
            if file.suffix in (".py", ".pyx", ".c", ".o", ".so")
        }
        source = path.read_text("utf-8")
        path.write_text(source.replace(mutant.before, mutant.after), "utf-8")
        try:
            if path.suffix == ".pyx" and self._run(BUILD) != 0:
                return "no verdict, since it does not compile"
            return "survived" if self.passes(mutant.tests) else CAUGHT
        finally:
            for file, (data, stat) in kept.items():
                file.write_bytes(data)
                os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def _run(self, command: list[str]) -> int | None:
        """Run a command in the tree; return its status, None if it did not end."""
        process = subprocess.Popen(
            command,
            cwd=self._root,
            env={**os.environ, "PYTHONPATH": str(self._root)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # The servers that tests have started end with them.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def work(
    tree: Tree, groups: queue.Queue[list[Mutant]], found: dict[Mutant, str]
) -> None:
    """Take files from a queue, and try their mutants."""
    while True:
        try:
            group = groups.get_nowait()
        except queue.Empty:
            return
        sound = tree.passes(group[0].tests)
        for mutant in group:
            if not sound:
                verdict = "no verdict, since the tests fail without it"
            elif not mutant.fits((ROOT / mutant.path).read_text("utf-8")):
                verdict = "no verdict, since its line is not there any more"
            else:
                verdict = tree.verdict(mutant)
            found[mutant] = verdict
            print(f"{verdict}  {mutant}", flush=True)


def write_report(found: dict[Mutant, str], minutes: float) -> None:
    """Write the page of a run to docs/reports/."""
    lines = ["| file | mutants | caught |", "| --- | --- | --- |"]
    for path, group in groupby(sorted(found, key=PATH), PATH):
        verdicts = [found[mutant] for mutant in group]
        lines.append(f"| `{path}` | {len(verdicts)} | {verdicts.count(CAUGHT)} |")
    lines += ["", "Not caught:", ""]
    lines += [f"- {v}: `{mutant}`" for mutant, v in found.items() if v != CAUGHT]
    figures = {
        "mutants": len(found),
        "caught": f"{share_caught(found):.1%}",
        "minutes": f"{minutes:.0f}",
    }
    reports.write("mutation", figures, "\n".join(lines))


def share_caught(found: dict[Mutant, str]) -> float:
    """Return the share of the mutants that were caught."""
    return list(found.values()).count(CAUGHT) / len(found)


def main() -> int:
    """Try the mutants that are asked for; return 1 if less than 90 % are caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="copies of the tree")
    parser.add_argument("--only", default="", help="files whose path has this in it")
    parser.add_argument("--report", action="store_true", help="write docs/reports/")
    options = parser.parse_args()

    started = time.monotonic()
    mutants = [mutant for mutant in load() if options.only in mutant.path]
    groups: queue.Queue[list[Mutant]] = queue.Queue()
    for _, group in groupby(mutants, PATH):
        groups.put(list(group))
    found: dict[Mutant, str] = {}
    with tempfile.TemporaryDirectory(prefix="sioc-mutants-") as folder:
        threads = [
            threading.Thread(
                target=work, args=(Tree(Path(folder) / str(number)), groups, found)
            )
            for number in range(options.jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    minutes = (time.monotonic() - started) / 60
    print(f"{share_caught(found):.1%} of {len(found)} mutants were caught")
    if options.report:
        write_report(found, minutes)
    return share_caught(found) < 0.9


if __name__ == "__main__":
    sys.exit(main())
