"""What an sdist and the wheel built from it contain, and that the wheel works alone."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

import sioc

# Compiling every module takes most of a minute.
pytestmark = pytest.mark.timeout(240)

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="flags of Linux")
ROOT = Path(__file__).parent.parent.parent
LOG = "build.log"
COMPILED = [
    path.relative_to(ROOT / "src_pyx").with_suffix("")
    for path in (ROOT / "src_pyx").rglob("*.pyx")
]


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, and from nothing but it the wheel; return their folder."""
    folder = tmp_path_factory.mktemp("archives")
    environment = {k: v for k, v in os.environ.items() if k != "SIOC_FLAVOUR"}
    build = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stdout
    (folder / LOG).write_text(build.stdout)
    return folder


@pytest.fixture(scope="module")
def sdist(archives: Path) -> list[str]:
    """Return the names in the sdist, without its top folder."""
    (path,) = archives.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


@pytest.fixture(scope="module")
def wheel(archives: Path) -> Path:
    """Return the wheel."""
    (path,) = archives.glob("*.whl")
    return path


def packed(wheel: Path) -> list[str]:
    """Return the names in the wheel outside its metadata."""
    names = zipfile.ZipFile(wheel).namelist()
    return [name for name in names if ".dist-info/" not in name]


def test_sdist_has_every_source(sdist: list[str]) -> None:
    sources = [
        str(path.relative_to(ROOT))
        for folder in ("sioc", "src_pyx")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".pyi", ".pyx", ".pxd", ".typed"}
    ]
    documents = ["LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "setup.py"]
    assert set(sources + documents) <= set(sdist)


def test_sdist_has_nothing_that_a_build_makes(sdist: list[str]) -> None:
    assert not [name for name in sdist if re.search(r"\.(c|so|pyc)$|^build/", name)]


def test_wheel_has_only_what_runs(wheel: Path) -> None:
    allowed = re.compile(r"sioc/(?:[\w/]+\.(?:py|pyi)|[\w./-]+\.so|py\.typed)")
    assert not [name for name in packed(wheel) if not allowed.fullmatch(name)]


def test_wheel_has_every_module(wheel: Path) -> None:
    names = packed(wheel)
    assert "sioc/py.typed" in names
    expected = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "sioc").rglob("*")
        if path.suffix in {".py", ".pyi", ".typed"}
    }
    assert {name for name in names if not name.endswith(".so")} == expected
    libraries = {name.partition(".")[0] for name in names if name.endswith(".so")}
    assert libraries == {str(path) for path in COMPILED}


@LINUX
def test_each_module_is_compiled_for_any_processor(archives: Path) -> None:
    log = (archives / LOG).read_text()
    compiling = re.findall(r"^.* -c build/cython-release/.*$", log, re.MULTILINE)
    assert len(compiling) == len(COMPILED)
    assert not [line for line in compiling if "-march" in line or "-mcpu" in line]
    assert not [line for line in compiling if "-D_FORTIFY_SOURCE=2" not in line]


@LINUX
@pytest.mark.skipif(shutil.which("readelf") is None, reason="needs binutils")
def test_the_libraries_are_hardened(wheel: Path, tmp_path: Path) -> None:
    names = [name for name in packed(wheel) if name.endswith(".so")]
    zipfile.ZipFile(wheel).extractall(tmp_path, names)
    for name in names:
        read = ["readelf", "--wide", "--program-headers", "--dynamic", tmp_path / name]
        said = subprocess.run(read, stdout=subprocess.PIPE, text=True).stdout
        assert "GNU_RELRO" in said, name
        assert re.search(r"BIND_NOW|FLAGS.*\bNOW\b", said), name
        assert "TEXTREL" not in said, name
        (stack,) = re.findall(r"GNU_STACK.*0x\w+ ([RWE ]{3}) ", said)
        assert "E" not in stack, name


def metadata_of(wheel: Path) -> Message:
    """Return the metadata of the wheel."""
    archive = zipfile.ZipFile(wheel)
    (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
    return Parser().parsestr(archive.read(name).decode())


def test_wheel_and_module_have_one_version(wheel: Path) -> None:
    assert metadata_of(wheel)["Version"] == sioc.__version__


def test_wheel_names_what_it_needs(wheel: Path) -> None:
    metadata = metadata_of(wheel)
    needed = metadata.get_all("Requires-Dist") or []
    # sioc subclasses picows' C types: only the tables of this minor version are known.
    assert "picows<2.4,>=2.3.1" in needed
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.10"


def test_wheel_works_in_another_folder(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--target", site, wheel], check=True)
    modules = [".".join(path.parts) for path in COMPILED]
    program = f"import sioc, {', '.join(modules)}; print(sioc.__file__)"
    loaded = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert Path(loaded.stdout.strip()) == site / "sioc" / "__init__.py"
