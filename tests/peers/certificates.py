"""Certificates for the servers of tests, made when they are needed."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")


class Authority:
    """An authority, and the files of the certificates it has issued.

    Args:
        folder: Where they go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ca = trustme.CA()
        self._ca.cert_pem.write_to_path(str(folder / "ca.pem"))
        self._count = 0

    @property
    def file(self) -> str:
        """The authority's own certificate."""
        return str(self._folder / "ca.pem")

    def trusting(self) -> ssl.SSLContext:
        """Return a client's context that trusts this authority and no other."""
        return ssl.create_default_context(cafile=self.file)

    def issue(
        self,
        *names: str,
        common_name: str | None = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> dict[str, str]:
        """Issue a certificate.

        Args:
            names: Whom it is for; `NAMES` if there are none.
            common_name: The common name of its subject.
            not_before: When it begins to be valid.
            not_after: When it ends to be.

        Returns:
            Its files: `key` and `cert`.
        """
        self._count += 1
        issued = self._ca.issue_cert(
            *(names or NAMES),
            common_name=common_name,
            not_before=not_before,
            not_after=not_after,
        )
        files = {
            kind: str(self._folder / f"{self._count}-{kind}.pem")
            for kind in ("key", "cert")
        }
        issued.private_key_pem.write_to_path(files["key"])
        for number, pem in enumerate(issued.cert_chain_pems):
            pem.write_to_path(files["cert"], append=number > 0)
        return files
