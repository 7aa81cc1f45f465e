"""Certificate authorities for tests, and what they issue."""

import datetime
import ssl
from pathlib import Path

import trustme

from harness.core.endpoint import Tls


class Authority:
    """An authority of our own, whose files lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
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


def served(tls: Tls, *, mutual: bool = False, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """What a foreign server with these files does, at most with this version of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = version
    assert tls.certificate is not None
    context.load_cert_chain(tls.certificate, tls.key)
    context.load_verify_locations(tls.authorities)
    context.verify_mode = ssl.CERT_REQUIRED if mutual else ssl.CERT_NONE
    return context
