"""Making a seal. Imported only where one is made: pyHanko is an extra."""

import asyncio
import base64
import hashlib
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import rfc8785
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509 import Certificate, load_pem_x509_certificates
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from harness.errors import UsageError
from harness.report.manifest import MANIFEST, MANIFEST_SEAL
from harness.report.verification import document
from harness.report.verification.seal import DSSE, PAYLOAD_TYPE, SealKey, framed
from harness.report.verification.views import STATEMENT

_WHOLE_FIELD = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MID, margins=Margins(0, 0, 0, 0)
)

REASON = "Sealed by software, approves nothing"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class _Opened:
    """A key with its certificate, and those that lead from it to an authority."""

    key: Key
    certificate: Certificate
    chain: tuple[Certificate, ...]

    def signer(self) -> SimpleSigner:
        """The key as pyHanko wants it."""
        plain = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return SimpleSigner(
            signing_cert=_for_pyhanko(self.certificate),
            signing_key=keys.PrivateKeyInfo.load(plain),
            cert_registry=self._store(),
            embed_roots=False,
        )

    def _store(self) -> SimpleCertificateStore:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        for one in self.chain:
            store.register(_for_pyhanko(one))
        return store


def seal_views(folder: Path, key: SealKey) -> None:
    """See :func:`harness.report.verification.seal.seal_views`."""
    key_and_chain = opened(key)
    paper, statement = folder / document.ARCHIVE, folder / STATEMENT
    if paper.is_file():
        paper.write_bytes(_sealed_pdf(paper.read_bytes(), key_and_chain))
    if statement.is_file():
        (folder / DSSE).write_bytes(_envelope(statement.read_bytes(), key_and_chain))


def seal_manifest(folder: Path, key: SealKey) -> Path:
    """See :func:`harness.report.verification.seal.seal_manifest`."""
    content = (folder / MANIFEST).read_bytes()
    path = folder / MANIFEST_SEAL
    signed = asyncio.run(opened(key).signer().async_sign_general_data(content, "sha256", detached=True))
    path.write_bytes(signed.dump())
    return path


def opened(key: SealKey) -> _Opened:
    """The key itself, with its certificates; see :func:`harness.report.verification.seal.check_key`."""
    try:
        data = key.path.read_bytes()
        beside = key.certificate.read_bytes() if key.certificate else b""
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; name the file of the key to seal with") from error
    try:
        if b"-----BEGIN" in data:
            private: object = load_pem_private_key(data, key.password or None)
            certificates = load_pem_x509_certificates(beside or data)
        else:
            private, own, others = pkcs12.load_key_and_certificates(data, key.password or None)
            certificates = [one for one in (own, *others) if one]
    except (ValueError, TypeError) as error:
        problem = f"{key.path}: cannot be opened as PKCS #12 or PEM: {error}; is its password given, and right?"
        raise UsageError(problem) from error
    if not isinstance(private, Key):
        raise UsageError(f"{key.path}: holds no RSA or elliptic curve key; make one of these kinds to seal with")
    public = private.public_key()
    certificate = next((one for one in certificates if one.public_key() == public), None)
    if certificate is None:
        raise UsageError(f"{key.certificate or key.path}: holds no certificate of this key; name its file")
    return _Opened(private, certificate, tuple(one for one in certificates if one is not certificate))


def _sealed_pdf(paper: bytes, opened: _Opened) -> bytes:
    """The same file with the field of the seal filled, which leaves those of people free."""
    with tempfile.TemporaryDirectory() as scratch:
        note = Path(scratch) / "note.pdf"
        note.write_bytes(document.require().note(_told(opened.certificate)))
        signer = PdfSigner(
            PdfSignatureMetadata(
                field_name=document.SEAL_FIELD,
                md_algorithm="sha256",
                subfilter=SigSeedSubFilter.PADES,
                reason=REASON,
            ),
            opened.signer(),
            stamp_style=StaticStampStyle.from_pdf_file(
                str(note), border_width=0, background_opacity=1.0, background_layout=_WHOLE_FIELD
            ),
        )
        output = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(paper)), existing_fields_only=True)
        return bytes(output.getvalue())


def _told(certificate: Certificate) -> tuple[str, ...]:
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    return (
        f"{REASON}. Key of {certificate.subject.rfc4514_string()[:120]}",
        f"SHA-256 of its certificate {fingerprint}",
    )


def _envelope(statement: bytes, opened: _Opened) -> bytes:
    """The statement with its signature (DSSE v1), which tools for in-toto read."""
    message = framed(PAYLOAD_TYPE, statement)
    if isinstance(opened.key, rsa.RSAPrivateKey):
        signature = opened.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = opened.key.sign(message, ec.ECDSA(hashes.SHA256()))
    public = opened.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return rfc8785.dumps(
        {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(statement).decode(),
            "signatures": [
                {"keyid": hashlib.sha256(public).hexdigest(), "sig": base64.b64encode(signature).decode()},
            ],
        }
    )


def _for_pyhanko(certificate: Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))
