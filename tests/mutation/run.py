"""Make each mutant in a copy of the tree, and see whether its tests fail.

    PYTHONPATH=tests python -m mutation.run [--jobs 2] [--only PART]... [--report]

A file's tests must pass before it is changed. A mutant is caught when they fail; tests
that do not come to an end are counted by themselves. Compiled mutants are compiled
again, alone. Each verdict is kept in build/ at once, and stands as long as the file and
its tests do: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
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
KEPT = ROOT / "build" / "mutation.json"
CAUGHT = "caught"
SURVIVED = "survived"
TIMED_OUT = "timed out"
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
        """Tell whether tests pass; a second time, since the first may be bad luck."""
        return any(self._run([*PYTEST, *tests]) == 0 for _ in range(2))

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
            built = self._run(BUILD) if path.suffix == ".pyx" else 0
            if built is None:
                return "no verdict, since its build ran out of time"
            if built != 0:
                return "no verdict, since it does not compile"
            status = self._run([*PYTEST, *mutant.tests])
            verdicts = {None: TIMED_OUT, 0: SURVIVED}
            return verdicts.get(status, CAUGHT)
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


class Run:
    """Verdicts, as they come in.

    Args:
        mutants: What is to be tried, in this order.
        seconds: No mutant is begun when they are over.
        reported: Whether a page is written, anew after each file.
    """

    def __init__(self, mutants: list[Mutant], seconds: float, reported: bool) -> None:
        self._mutants = mutants
        self._reported = reported
        self._started = time.monotonic()
        self._end = self._started + seconds
        self._lock = threading.Lock()
        self._kept: dict[str, str] = {}
        if KEPT.exists():
            kept = json.loads(KEPT.read_text("utf-8"))
            # What was short of time may have it now.
            self._kept = {k: v for k, v in kept.items() if v in (CAUGHT, SURVIVED)}
        self._keys = {mutant: key(mutant) for mutant in mutants}
        self._groups: queue.Queue[list[Mutant]] = queue.Queue()
        left = [mutant for mutant in mutants if self._keys[mutant] not in self._kept]
        for _, group in groupby(left, PATH):
            self._groups.put(list(group))

    @property
    def found(self) -> dict[Mutant, str]:
        """The verdicts so far."""
        keys = self._keys.items()
        return {m: self._kept[key] for m, key in keys if key in self._kept}

    def work(self, tree: Tree) -> None:
        """Take files from the queue, and try their mutants."""
        while True:
            try:
                group = self._groups.get_nowait()
            except queue.Empty:
                return
            for mutant, verdict in self._verdicts(tree, group):
                print(f"{verdict}  {mutant}", flush=True)
                with self._lock:
                    self._kept[self._keys[mutant]] = verdict
                    KEPT.write_text(json.dumps(self._kept), "utf-8")
            if self._reported:
                self.write_report()

    def _verdicts(
        self, tree: Tree, group: list[Mutant]
    ) -> Iterator[tuple[Mutant, str]]:
        """Try the mutants of a file, as long as there is time."""
        if time.monotonic() >= self._end:
            return
        if not tree.passes(group[0].tests):
            print(f"no verdicts, since the tests fail without them: {group[0].path}")
            return
        for mutant in group:
            if time.monotonic() >= self._end:
                return
            if mutant.fits((ROOT / mutant.path).read_text("utf-8")):
                yield mutant, tree.verdict(mutant)
            else:
                yield mutant, "no verdict, since its line is not there any more"

    def write_report(self) -> None:
        """Write the page of the run to docs/reports/, with what is known by now."""
        with self._lock:
            found = self.found
            lines = ["| file | mutants | tried | caught | timed out |"]
            lines.append("| --- | --- | --- | --- | --- |")
            for path, group in groupby(sorted(self._mutants, key=PATH), PATH):
                of_file = list(group)
                verdicts = [found[mutant] for mutant in of_file if mutant in found]
                counts = [len(of_file), len(verdicts)]
                counts += [verdicts.count(CAUGHT), verdicts.count(TIMED_OUT)]
                lines.append(f"| `{path}` | {' | '.join(map(str, counts))} |")
            missed = {m: v for m, v in found.items() if v != CAUGHT}
            lines += ["", "Not caught:", ""] if missed else []
            lines += [f"- {verdict}: `{mutant}`" for mutant, verdict in missed.items()]
            verdicts = list(found.values())
            minutes = (time.monotonic() - self._started) / 60
            figures = {
                "mutants": len(self._mutants),
                "tried": len(found),
                "caught": f"{verdicts.count(CAUGHT)}, {share_caught(found):.1%}",
                "timed out": f"{verdicts.count(TIMED_OUT)}, not counted as caught",
                "minutes": f"{minutes:.0f}, in the last of its runs",
            }
            reports.write("mutation", figures, "\n".join(lines))


def key(mutant: Mutant) -> str:
    """Return what changes when a mutant, its file or its tests do."""
    digest = hashlib.sha256(str(mutant).encode())
    for path in (mutant.path, *mutant.tests):
        file = ROOT / path
        for source in sorted(file.rglob("*.py")) if file.is_dir() else [file]:
            digest.update(source.read_bytes())
    return digest.hexdigest()


def share_caught(found: dict[Mutant, str]) -> float:
    """Return the share of the mutants that were caught."""
    return list(found.values()).count(CAUGHT) / max(len(found), 1)


def chosen(parts: list[str]) -> list[Mutant]:
    """Return the mutants that have one of the parts in them, in the parts' order."""
    mutants = load()
    found = [mutant for part in parts for mutant in mutants if part in str(mutant)]
    return list(dict.fromkeys(found))


def main() -> int:
    """Try the mutants that are asked for; return 1 if less than 90 % are caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="copies of the tree")
    parser.add_argument(
        "--only",
        action="append",
        help="mutants whose path or change has this in it; more than once, in order",
    )
    parser.add_argument("--minutes", type=float, default=180, help="for all of them")
    parser.add_argument("--report", action="store_true", help="write docs/reports/")
    options = parser.parse_args()

    mutants = chosen(options.only or [""])
    run = Run(mutants, options.minutes * 60, options.report)
    with tempfile.TemporaryDirectory(prefix="sioc-mutants-") as folder:
        threads = [
            threading.Thread(target=run.work, args=(Tree(Path(folder) / str(number)),))
            for number in range(options.jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if options.report:
        run.write_report()
    found = run.found
    print(f"{share_caught(found):.1%} of {len(found)} tried mutants were caught;")
    print(f"{len(mutants) - len(found)} were not tried")
    return len(found) < len(mutants) or share_caught(found) < 0.9


if __name__ == "__main__":
    sys.exit(main())
