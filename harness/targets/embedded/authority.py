"""A certificate authority for one test, and what it issues: how a PACS of ours is met over TLS."""

import datetime
from pathlib import Path

from harness.core.endpoint import Tls
from harness.errors import EnvironmentProblem


class Authority:
    """An authority of our own, whose files lie in ``folder``.

    Raises:
        EnvironmentProblem: the package trustme is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import trustme
        except ImportError as error:
            raise EnvironmentProblem("certificates need trustme: pip install 'pytest-pacs[qualify]'") from error
        self._ca = trustme.CA()
        self.folder = folder
        folder.mkdir(parents=True)
        self._ca.cert_pem.write_to_path(str(folder / "authority.pem"))

    @property
    def trust(self) -> Tls:
        """A side that trusts this authority and shows no certificate."""
        return Tls(authorities=str(self.folder / "authority.pem"))

    def issue(self, *names: str, expired: bool = False) -> Tls:
        """A side that trusts this authority and shows a certificate of it, for 127.0.0.1 unless told."""
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) if expired else None
        issued = self._ca.issue_cert(*(names or ("127.0.0.1",)), not_after=past)
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        return Tls(str(self.folder / "authority.pem"), str(certificate), str(key))
