"""Make the interpreter that runs this import sioc from the folder above."""

import os
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

site_packages = Path(sysconfig.get_path("purelib"))
# A relative line keeps holding when the folder is moved or copied as a whole.
line = os.path.relpath(ROOT, site_packages)
(site_packages / "sioc-source.pth").write_text(f"{line}\n", encoding="utf-8")
