"""A seal: that it is one by the words of other programs, and that whatever is wrong with it is told."""

import base64
import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509 import load_pem_x509_certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf
from pypdf import PdfReader

from harness.core.verification.dossier import Dossier
from harness.core.verification.report import compile_report
from harness.errors import UsageError
from harness.report.manifest import MANIFEST, MANIFEST_SEAL, manifest_problems, write_manifest
from harness.report.record import RecordWriter, read_run
from harness.report.verification import document, statement
from harness.report.verification.rendering import Rendering
from harness.report.verification.seal import (
    DSSE,
    SealKey,
    added_problems,
    is_sealed,
    seal_manifest,
    seal_problems,
    seal_views,
    sealed_by,
)
from harness.report.verification.views import STATEMENT
from tests.report.authorities import Authority
from tests.report.conftest import make_run

RECORD = b'{"schema":"invented"}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"), "ours")


@pytest.fixture(scope="module")
def unsealed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("bundle")
    RecordWriter(folder, make_run(folder)).finish("NOT MET", "2026-11-22T10:05:00+00:00")
    rendering = Rendering(compile_report(read_run(folder), Dossier()), folder, RECORD)
    return {
        "report.json": RECORD,
        document.ARCHIVE: document.render(rendering).archive,
        STATEMENT: statement.render(rendering),
    }


def seal(folder: Path, files: dict[str, bytes], key: SealKey) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    seal_views(folder, key)
    write_manifest(folder)
    seal_manifest(folder, key)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, unsealed: dict[str, bytes], authority: Authority) -> Path:
    return seal(tmp_path_factory.mktemp("made") / "sealed", unsealed, SealKey(authority.key))


@pytest.fixture
def sealed(tmp_path: Path, made: Path) -> Path:
    folder = tmp_path / "sealed"
    folder.mkdir()
    for path in made.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_seal_by_a_trusted_key_holds(made: Path, authority: Authority) -> None:
    assert is_sealed(made)
    assert seal_problems(made, authority.trust) == ()
    assert seal_problems(made, None) == ()
    assert manifest_problems(made) == ()
    assert "CN=Sealer ours" in sealed_by(made)


def test_openssl_takes_the_seal_of_the_manifest(sealed: Path, authority: Authority) -> None:
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-out", "/dev/null"]
    command += ["-in", str(sealed / MANIFEST_SEAL), "-content", str(sealed / MANIFEST), "-CAfile", str(authority.trust)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    with (sealed / MANIFEST).open("a") as file:
        file.write("\n")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_openssl_takes_the_envelope_of_the_statement(sealed: Path, authority: Authority, tmp_path: Path) -> None:
    envelope = json.loads((sealed / DSSE).read_bytes())
    payload = base64.b64decode(envelope["payload"])
    kind = b"application/vnd.in-toto+json"
    (tmp_path / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    (tmp_path / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    key = ["openssl", "x509", "-in", str(authority.key), "-pubkey", "-noout"]
    (tmp_path / "public.pem").write_bytes(subprocess.run(key, capture_output=True, check=True).stdout)
    command = ["openssl", "dgst", "-sha256", "-verify", str(tmp_path / "public.pem")]
    command += ["-signature", str(tmp_path / "signature"), str(tmp_path / "signed")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert payload == (sealed / STATEMENT).read_bytes()


def test_the_sealed_document_says_that_nobody_approved_it(made: Path) -> None:
    reader = PdfReader(made / document.ARCHIVE)
    fields = {
        one["/T"]: one for one in (field.get_object() for field in reader.trailer["/Root"]["/AcroForm"]["/Fields"])
    }
    assert [name for name, field in fields.items() if "/V" in field] == [document.SEAL_FIELD]
    assert fields[document.SEAL_FIELD]["/V"]["/SubFilter"] == "/ETSI.CAdES.detached"
    assert fields[document.SEAL_FIELD]["/V"]["/Reason"] == "Sealed by software, approves nothing"
    assert reader.attachments == {"report.json": [RECORD]}


def test_people_can_still_sign_what_software_sealed(sealed: Path, authority: Authority) -> None:
    leaf = authority.key
    signer = SimpleSigner.load(str(leaf), str(leaf))
    paper = IncrementalPdfFileWriter(BytesIO((sealed / document.ARCHIVE).read_bytes()))
    signed = sign_pdf(paper, PdfSignatureMetadata(field_name="reviewed_by"), signer, existing_fields_only=True)
    reader = PdfReader(signed)
    assert reader.attachments == {"report.json": [RECORD]}
    assert len([one for one in reader.trailer["/Root"]["/AcroForm"]["/Fields"] if "/V" in one.get_object()]) == 2


def test_a_seal_of_another_authority_is_not_trusted(made: Path, tmp_path: Path) -> None:
    problems = seal_problems(made, Authority(tmp_path, "theirs").trust)
    assert [one.partition(":")[0] for one in problems] == [MANIFEST, document.ARCHIVE]
    assert all("does not lead to an authority that is trusted here" in one for one in problems)


def test_an_expired_certificate_is_told_with_its_dates(
    tmp_path: Path, unsealed: dict[str, bytes], authority: Authority
) -> None:
    past = Authority(tmp_path, "past", not_before=datetime(2026, 1, 1), not_after=datetime(2026, 2, 1))
    folder = seal(tmp_path / "sealed", unsealed, SealKey(past.key))
    problems = seal_problems(folder, past.trust)
    assert len(problems) == 2
    assert all("is valid from 2026-01-01 to 2026-02-01 only" in one for one in problems)
    assert seal_problems(folder, past.trust, datetime(2026, 1, 15, tzinfo=UTC)) == ()


def test_a_changed_manifest_is_not_what_was_sealed(sealed: Path, authority: Authority) -> None:
    (sealed / "more").write_text("more")
    write_manifest(sealed)
    assert seal_problems(sealed, authority.trust) == (f"{MANIFEST}: is not what was sealed",)
    assert seal_problems(sealed, None) == (f"{MANIFEST}: is not what was sealed",)


def test_a_removed_seal_is_missed(sealed: Path, authority: Authority) -> None:
    (sealed / MANIFEST_SEAL).unlink()
    assert not is_sealed(sealed)
    (problem,) = seal_problems(sealed, authority.trust)
    assert problem.startswith(f"{MANIFEST_SEAL}: missing")


def test_a_document_without_its_seal_is_told(sealed: Path, unsealed: dict[str, bytes], authority: Authority) -> None:
    (sealed / document.ARCHIVE).write_bytes(unsealed[document.ARCHIVE])
    write_manifest(sealed)
    seal_manifest(sealed, SealKey(authority.key))
    assert seal_problems(sealed, authority.trust) == (f"{document.ARCHIVE}: has no seal",)


def test_what_was_added_to_a_sealed_document_is_told(sealed: Path, authority: Authority) -> None:
    paper = IncrementalPdfFileWriter(BytesIO((sealed / document.ARCHIVE).read_bytes()))
    paper.root["/Added"] = paper.root["/Type"]
    paper.update_root()
    changed = BytesIO()
    paper.write(changed)
    (sealed / document.ARCHIVE).write_bytes(changed.getvalue())
    assert f"{document.ARCHIVE}: something was added after it was sealed" in seal_problems(sealed, authority.trust)


def test_two_keys_make_no_seal(sealed: Path, authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    seal_manifest(sealed, SealKey(other.key))
    both = tmp_path / "both.pem"
    both.write_bytes(authority.trust.read_bytes() + other.trust.read_bytes())
    problems = seal_problems(sealed, both)
    assert f"{document.ARCHIVE}: sealed by another key than {MANIFEST}" in problems
    assert f"{DSSE}: the signature is not one of the key that sealed {MANIFEST}" in problems


def test_an_envelope_of_another_statement_is_told(sealed: Path, authority: Authority) -> None:
    (sealed / STATEMENT).write_bytes(b"{}")
    assert f"{DSSE}: does not hold {STATEMENT}" in seal_problems(sealed, authority.trust)
    (sealed / DSSE).unlink()
    assert f"{DSSE}: missing" in seal_problems(sealed, authority.trust)


def test_every_changed_byte_of_a_seal_is_told(sealed: Path, authority: Authority) -> None:
    seal = (sealed / MANIFEST_SEAL).read_bytes()
    for place in range(0, len(seal), 7):
        flipped = seal[:place] + bytes([seal[place] ^ 1]) + seal[place + 1 :]
        (sealed / MANIFEST_SEAL).write_bytes(flipped)
        assert seal_problems(sealed, authority.trust), place


def test_a_password_opens_a_key_and_is_asked_for(
    tmp_path: Path, unsealed: dict[str, bytes], authority: Authority
) -> None:
    pem = authority.key.read_bytes()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    packed = pkcs12.serialize_key_and_certificates(
        b"seal", key, load_pem_x509_certificate(pem), None, BestAvailableEncryption(b"invented")
    )
    (tmp_path / "key.p12").write_bytes(packed)
    small = {"report.json": RECORD}
    folder = seal(tmp_path / "sealed", small, SealKey(tmp_path / "key.p12", password=b"invented"))
    assert seal_problems(folder, authority.trust) == ()
    for wrong in (b"", b"guessed"):
        with pytest.raises(UsageError, match=r"key\.p12: cannot be opened .* password"):
            seal_manifest(folder, SealKey(tmp_path / "key.p12", password=wrong))


def test_an_rsa_key_seals_too(tmp_path: Path, unsealed: dict[str, bytes]) -> None:
    theirs = Authority(tmp_path, "rsa", key_type=trustme.KeyType.RSA)
    files = {"report.json": RECORD, STATEMENT: unsealed[STATEMENT]}
    folder = seal(tmp_path / "sealed", files, SealKey(theirs.key))
    assert seal_problems(folder, theirs.trust) == ()


def test_key_and_certificate_may_lie_apart_and_must_belong_together(
    tmp_path: Path, authority: Authority, unsealed: dict[str, bytes]
) -> None:
    bare = tmp_path / "bare.pem"
    key = load_pem_private_key(authority.key.read_bytes(), None)
    bare.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    folder = seal(tmp_path / "sealed", {"report.json": RECORD}, SealKey(bare, certificate=authority.key))
    assert seal_problems(folder, authority.trust) == ()
    with pytest.raises(UsageError, match="holds no certificate of this key"):
        seal_manifest(folder, SealKey(bare, certificate=authority.trust))
    with pytest.raises(UsageError, match="name the file of the key"):
        seal_manifest(folder, SealKey(tmp_path / "none.pem"))
    with pytest.raises(UsageError, match="holds no certificate as PEM"):
        seal_problems(folder, tmp_path / "none.pem")


def test_a_date_before_the_certificate_is_told(made: Path, authority: Authority) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=100 * 365)
    assert "only" in seal_problems(made, authority.trust, long_ago)[0]
    assert replace(SealKey(authority.key), password=b"") == SealKey(authority.key)


def test_whatever_stands_behind_a_paper_is_read_or_told(made: Path, unsealed: dict[str, bytes]) -> None:
    sealed, begin = (made / document.ARCHIVE).read_bytes(), len(unsealed[document.ARCHIVE])
    assert added_problems(sealed) == ()
    for at in range(begin, len(sealed), max((len(sealed) - begin) // 60, 1)):
        changed = bytearray(sealed)
        changed[at] ^= 0x15
        assert all("\n" not in told for told in added_problems(bytes(changed)))
