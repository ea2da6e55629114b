"""Build src_pyx/sioc/*.pyx into the package sioc. Everything else is in pyproject.toml.

SIOC_FLAVOUR selects the build: release (default), debug (assertions in), trace
(line tracing, for coverage of .pyx), sanitize (ASan + UBSan) or fuzz (the same by
clang, with the coverage that libFuzzer looks at).
"""

import os
import sys
from pathlib import Path

import Cython.Compiler.Options
from Cython.Build import cythonize
from setuptools import Extension, setup

Cython.Compiler.Options.warning_errors = True

ROOT = Path("src_pyx")
FLAVOUR = os.environ.get("SIOC_FLAVOUR", "release")
CHECKED = FLAVOUR != "release"
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]

# What makes a hole harder to use: checked libc calls, nothing writable that the linker
# is done with. Canaries (-fstack-protector-strong) are left out: they cost up to 4 % of
# the instructions for an event. Other systems' compilers are left to their own.
HARDENED = (
    ["-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"],
    ["-Wl,-z,relro,-z,now,-z,noexecstack"],
)
SAFER, LINKED_SAFER = HARDENED if sys.platform == "linux" else ([], [])

# Per flavour: compile arguments, link arguments. The interpreter's own flags carry
# -fwrapv and -DNDEBUG, which would hide signed overflow and assertions.
FLAGS = {
    "release": (["-O3", "-g0", *SAFER], LINKED_SAFER),
    "debug": (["-O1", "-g", "-UNDEBUG"], []),
    "trace": (["-O0", "-g"], []),
    "sanitize": (
        ["-O1", "-g", "-UNDEBUG", "-fno-wrapv", "-fno-omit-frame-pointer", *SANITIZERS],
        SANITIZERS,
    ),
    "fuzz": (
        [
            *["-O1", "-g", "-UNDEBUG", "-fno-wrapv", "-fno-omit-frame-pointer"],
            # Cython's argument parsing adds 0 to NULL, which clang's UBSan reports.
            *[*SANITIZERS, "-fno-sanitize=pointer-overflow"],
        ],
        [],
    ),
}
if FLAVOUR not in FLAGS:
    sys.exit(f"SIOC_FLAVOUR={FLAVOUR!r} is unknown; one of {', '.join(FLAGS)}")

COMPILE, LINK = ([], []) if sys.platform == "win32" else FLAGS[FLAVOUR]
# What libFuzzer looks at: the modules that read a peer's bytes. It clears and scans the
# counters of all code on every execution.
READING = {
    f"sioc.{name}"
    for name in (
        *("_binary", "_channel", "_cursor", "_json", "_link", "_messages", "_msgpack"),
        *("_objects", "_packed", "_packed_parser", "_packet", "_parser", "_router"),
        *("_session", "_utf8"),
    )
}
# The embedded server is not fuzzed, and takes a fourth of the time to compile.
LEFT_OUT = "testing" if FLAVOUR == "fuzz" else None
# Most comparisons in what Cython writes are with NULL: to look at each of them takes up
# to a third of the time, and teaches libFuzzer little.
GUIDED = (
    ["-fsanitize=fuzzer-no-link", "-fno-sanitize-coverage=trace-cmp"]
    if FLAVOUR == "fuzz"
    else []
)
MACROS = [("SIOC_DEBUG", "1" if FLAVOUR in ("debug", "sanitize", "fuzz") else "0")]
if FLAVOUR == "trace":
    MACROS += [("CYTHON_TRACE_NOGIL", "1"), ("CYTHON_USE_SYS_MONITORING", "0")]

DIRECTIVES = {
    "language_level": 3,
    "binding": True,
    "embedsignature": False,
    "wraparound": False,
    "cdivision": True,
    "boundscheck": CHECKED,
    "nonecheck": CHECKED,
    "initializedcheck": CHECKED,
    "linetrace": FLAVOUR == "trace",
    "warn.unused": True,
}


def extension(pyx: Path) -> Extension:
    name = ".".join(pyx.relative_to(ROOT).with_suffix("").parts)
    return Extension(
        name,
        [str(pyx)],
        define_macros=MACROS,
        extra_compile_args=COMPILE + (GUIDED if name in READING else []),
        extra_link_args=LINK,
    )


setup(
    ext_modules=cythonize(
        [
            extension(pyx)
            for pyx in sorted(ROOT.rglob("*.pyx"))
            if pyx.parent.name != LEFT_OUT
        ],
        include_path=[str(ROOT)],
        compiler_directives=DIRECTIVES,
        # Cython.Coverage finds a .pyx only through a C file that lies beside it.
        build_dir=None if FLAVOUR == "trace" else f"build/cython-{FLAVOUR}",
        nthreads=0,
    ),
    options={"build_ext": {"parallel": 2}},
)
