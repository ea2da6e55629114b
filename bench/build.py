"""Build what the benchmarks compile, in place: `python bench/build.py`.

The modules are no part of the library and of no wheel; they are compiled with the
flags of the library's release build, so that neither side has an advantage.
"""

import os
from pathlib import Path

import Cython.Compiler.Options
from Cython.Build import cythonize
from setuptools import Extension  # type: ignore[import-untyped]
from setuptools.dist import Distribution  # type: ignore[import-untyped]

BENCH = Path(__file__).resolve().parent
BUILD = BENCH.parent / "build" / "bench"
FLOOR = ("floor._wire", "floor._frames", "floor._floor", "floor._server")
CORES = ("cores._distance",)
DIRECTIVES = {
    "language_level": 3,
    "binding": True,
    "wraparound": False,
    "cdivision": True,
    "boundscheck": False,
    "nonecheck": False,
    "initializedcheck": False,
    "warn.unused": True,
}


def build(*modules: str) -> None:
    """Compile what has changed of these modules since the last build."""
    Cython.Compiler.Options.warning_errors = True
    os.chdir(BENCH)
    extensions = [
        Extension(
            name,
            [f"{name.replace('.', '/')}.pyx"],
            extra_compile_args=["-O3", "-g0"],
        )
        for name in modules
    ]
    modules = cythonize(  # type: ignore[no-untyped-call]
        extensions,
        include_path=["."],
        compiler_directives=DIRECTIVES,
        build_dir=str(BUILD),
        quiet=True,
    )
    command = Distribution({"ext_modules": modules}).get_command_obj("build_ext")
    command.inplace = True
    command.build_lib = command.build_temp = str(BUILD)
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    build(*FLOOR, *CORES)
