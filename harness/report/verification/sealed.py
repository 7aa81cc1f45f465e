"""Checking a seal. Imported only where one is checked: pyHanko is an extra.

Nothing is fetched: neither certificates nor lists of those that were called back.
"""

import asyncio
import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate, load_pem_x509_certificates
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, SuspiciousModification
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import (
    SignatureCoverageLevel,
    StandardCMSSignatureStatus,
    async_validate_detached_cms,
    validate_pdf_signature,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from harness.errors import UsageError
from harness.report.manifest import MANIFEST, MANIFEST_SEAL
from harness.report.verification import document
from harness.report.verification.seal import DSSE, PAYLOAD_TYPE, framed
from harness.report.verification.views import STATEMENT

#: pyHanko tells what it finds wrong to a log too, with all its frames; here it is told once.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).addHandler(logging.NullHandler())

#: What reading a file can raise that somebody changed.
_UNREADABLE = (PdfError, ValueError, TypeError, LookupError, AttributeError, RecursionError, OSError)

#: A certificate need not be one for contracts; it only must not be one for something else alone.
_USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)


@dataclass(frozen=True, slots=True)
class _Trust:
    """What seals are held against; ``roots`` is None where only their own certificates are at hand."""

    roots: tuple[x509.Certificate, ...] | None
    moment: datetime

    def context(self) -> ValidationContext:
        """The same as pyHanko wants it, anew for each signature."""
        return ValidationContext(
            trust_roots=self.roots or (),
            moment=self.moment,
            best_signature_time=self.moment,
            allow_fetching=False,
            revocation_mode="soft-fail",
        )

    def problems(self, name: str, status: StandardCMSSignatureStatus) -> Iterator[str]:
        """Why a signature is worth nothing."""
        certificate = load_der_x509_certificate(status.signing_cert.dump())
        if not status.intact:
            yield f"{name}: is not what was sealed"
        elif not status.valid:
            yield f"{name}: the signature is not one of the key {_named(certificate)}"
        elif self.roots is None:
            return
        elif not certificate.not_valid_before_utc <= self.moment <= certificate.not_valid_after_utc:
            first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            dates = f"from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
            yield f"{name}: the certificate {_named(certificate)} is valid {dates} only"
        elif not status.trusted:
            yield f"{name}: the certificate {_named(certificate)} does not lead to an authority that is trusted here"


def problems(folder: Path, trust: Path | None, moment: datetime | None) -> Iterator[str]:
    """See :func:`harness.report.verification.seal.seal_problems`."""
    held = _Trust(_roots(trust) if trust else None, moment or datetime.now(UTC))
    try:
        signed = _signed(folder)
        signer = extract_certificate_info(signed).signer_cert
        status = asyncio.run(
            async_validate_detached_cms(
                (folder / MANIFEST).read_bytes(), signed, held.context(), key_usage_settings=_USAGE
            )
        )
    except _UNREADABLE as error:
        yield f"{MANIFEST_SEAL}: cannot be read as a seal of {MANIFEST}: {str(error)[:200]}"
        return
    yield from held.problems(MANIFEST, status)
    if (folder / document.ARCHIVE).is_file():
        yield from _paper_problems((folder / document.ARCHIVE).read_bytes(), signer, held)
    if (folder / STATEMENT).is_file():
        yield from _envelope_problems(folder, load_der_x509_certificate(signer.dump()))


def sealed_by(folder: Path) -> str:
    """See :func:`harness.report.verification.seal.sealed_by`."""
    try:
        return _named(load_der_x509_certificate(extract_certificate_info(_signed(folder)).signer_cert.dump()))
    except _UNREADABLE as error:
        return f"nobody: {MANIFEST_SEAL} cannot be read: {str(error)[:200]}"


def _signed(folder: Path) -> cms.SignedData:
    content = cms.ContentInfo.load((folder / MANIFEST_SEAL).read_bytes(), strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("it is no signature")
    signed = content["content"]
    # No signature covers these, and whoever reads them may believe them.
    sha256 = {"algorithm": "sha256", "parameters": None}
    (signer,) = signed["signer_infos"]
    said = (signed["version"].native, signer["version"].native, signed["digest_algorithms"].native)
    alike = (
        one.chosen["signature_algorithm"].dump() == one.chosen["tbs_certificate"]["signature"].dump()
        and one.chosen["signature_value"].contents[:1] == b"\0"
        for one in signed["certificates"]
    )
    if said != ("v1", "v1", [sha256]) or signer["digest_algorithm"].native != sha256 or not all(alike):
        raise ValueError("it does not say of itself what a seal says")
    return signed


def _paper_problems(paper: bytes, signer: x509.Certificate, held: _Trust) -> Iterator[str]:
    try:
        seals = [
            one for one in PdfFileReader(BytesIO(paper)).embedded_signatures if one.field_name == document.SEAL_FIELD
        ]
        if not seals:
            yield f"{document.ARCHIVE}: has no seal"
            return
        status = validate_pdf_signature(seals[0], held.context(), key_usage_settings=_USAGE)
    except Exception as error:  # noqa: BLE001 - a file that was changed breaks what reads it in any way
        yield f"{document.ARCHIVE}: its seal cannot be read: {str(error)[:200]}"
        return
    yield from held.problems(document.ARCHIVE, status)
    if status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        yield f"{document.ARCHIVE}: something was added after it was sealed"
    if status.signing_cert.dump() != signer.dump():
        yield f"{document.ARCHIVE}: sealed by another key than {MANIFEST}"


def added_problems(paper: bytes) -> Iterator[str]:
    """See :func:`harness.report.verification.seal.added_problems`."""
    try:
        reader = PdfFileReader(BytesIO(paper))
        found = DEFAULT_DIFF_POLICY.review_file(reader, 0)
        revisions = reader.xrefs.total_revisions
    except Exception as error:  # noqa: BLE001 - a file that was changed breaks what reads it in any way
        yield f"{document.ARCHIVE}: what was added behind it cannot be read: {type(error).__name__}: {str(error)[:200]}"
        return
    # A seal fills one field, in one addition.
    if (
        revisions != 2
        or isinstance(found, SuspiciousModification)
        or found.changed_form_fields != {document.SEAL_FIELD}
    ):
        yield f"{document.ARCHIVE}: more was added behind what was made than a seal: its pages may show anything"


def _envelope_problems(folder: Path, signer: Certificate) -> Iterator[str]:
    try:
        envelope = json.loads((folder / DSSE).read_bytes())
        payload = base64.b64decode(envelope["payload"], validate=True)
        signature = base64.b64decode(envelope["signatures"][0]["sig"], validate=True)
        kind = str(envelope["payloadType"])
        key = signer.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, framed(kind, payload), padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, framed(kind, payload), ec.ECDSA(hashes.SHA256()))
        else:
            raise ValueError("the key is of no kind that seals")
    except FileNotFoundError:
        yield f"{DSSE}: missing"
    except InvalidSignature:
        yield f"{DSSE}: the signature is not one of the key that sealed {MANIFEST}"
    except _UNREADABLE as error:
        yield f"{DSSE}: cannot be read: {str(error)[:200]}"
    else:
        if kind != PAYLOAD_TYPE or payload != (folder / STATEMENT).read_bytes():
            yield f"{DSSE}: does not hold {STATEMENT}"


def _roots(trust: Path) -> tuple[x509.Certificate, ...]:
    try:
        found = load_pem_x509_certificates(trust.read_bytes())
    except (OSError, ValueError) as error:
        problem = f"{trust}: holds no certificate as PEM ({error}); name the file of the authority to trust"
        raise UsageError(problem) from error
    return tuple(x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in found)


def _named(certificate: Certificate) -> str:
    fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
    return f"of {certificate.subject.rfc4514_string()[:200] or 'nobody'} (SHA-256 {fingerprint})"
