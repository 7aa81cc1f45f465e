"""Small DICOM objects and started embedded PACS for the tests of the targets."""

import functools
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, VideoEndoscopicImageStorage, generate_uid

from harness.clients.dimse import DimseClient, Receiver, RetryPolicy
from harness.core.endpoint import Endpoint
from harness.core.exchange import Exchange
from harness.media.part10 import Piece, write_object
from harness.targets.embedded.restricted import Limits
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place
from tests.forked import forking

#: A file and its header.
Made = tuple[Path, Dataset]
MakeObject = Callable[..., Made]
Embedded = Callable[..., AbstractContextManager[tuple[EmbeddedTarget, "Caller"]]]


@pytest.fixture(scope="session")
def make_object(tmp_path_factory: pytest.TempPathFactory) -> MakeObject:
    """Write an object with any payload under any transfer syntax; returns the file and its header."""
    folder = tmp_path_factory.mktemp("objects")

    def make(
        payload: bytes | Path = bytes(range(256)) * 40,
        *,
        syntax: str = "1.2.840.10008.1.2.4.102",
        lengths: tuple[int, ...] = (),
        **attributes: str | int,
    ) -> Made:
        data = Dataset()
        data.SOPClassUID = VideoEndoscopicImageStorage
        data.SOPInstanceUID = generate_uid()
        data.StudyInstanceUID = generate_uid()
        data.SeriesInstanceUID = generate_uid()
        data.PatientName, data.PatientID = "SYNTHETIC^OBJECT", "T-1"
        data.PatientBirthDate, data.PatientSex = "19700101", "O"
        data.StudyDate, data.StudyTime, data.StudyID = "20260102", "101500", "S1"
        data.AccessionNumber, data.Modality = "A1", "ES"
        data.NumberOfFrames, data.Rows, data.Columns, data.FrameTime = 50, 720, 1280, "40"
        data.LossyImageCompressionMethod = "ISO_14496_10"
        for keyword, value in attributes.items():
            setattr(data, keyword, value)
        data.file_meta = FileMetaDataset()
        data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
        data.file_meta.TransferSyntaxUID = UID(syntax)
        path = folder / f"{data.SOPInstanceUID}.dcm"
        source = payload if isinstance(payload, Path) else path.with_suffix(".payload")
        if isinstance(payload, bytes):
            source.write_bytes(payload)
        start, pieces = 0, []
        for length in lengths or (source.stat().st_size,):
            pieces.append(Piece(source, start, length))
            start += length
        write_object(path, data, pieces)
        return path, data

    return make


@functools.cache
def dcmtk(tool: str) -> str:
    """The path of a tool of DCMTK: missing, the test fails where CI is set and is skipped elsewhere.

    pynetdicom installs tools of the same names, so the version must say whose it is.
    """
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        candidate = shutil.which(tool, path=folder)
        if candidate is not None:
            version = subprocess.run([candidate, "--version"], capture_output=True, check=False).stdout
            if b"$dcmtk" in version:
                return candidate
    if os.environ.get("CI"):
        pytest.fail(f"{tool} of DCMTK is not on PATH; install the package dcmtk")
    pytest.skip(f"{tool} of DCMTK is not on PATH")


class Caller:
    """What the tests ask a PACS, about objects that ``make_object`` made."""

    def __init__(self, endpoint: Endpoint, folder: Path) -> None:
        self.endpoint = endpoint
        self.folder = folder
        self.client = DimseClient(endpoint, retry=RetryPolicy(attempts=1))
        self._folders = (folder / f"received-{number}" for number in itertools.count())

    def store(self, made: Made) -> Exchange:
        """C-STORE."""
        path, data = made
        return self.client.store(
            path,
            sop_class_uid=str(data.SOPClassUID),
            sop_instance_uid=str(data.SOPInstanceUID),
            transfer_syntax_uid=str(data.file_meta.TransferSyntaxUID),
            size=path.stat().st_size,
        )

    def get(self, made: Made) -> tuple[Exchange, tuple[Path, ...]]:
        """C-GET."""
        _, data = made
        return self.client.get(
            study_uid=str(data.StudyInstanceUID),
            series_uid=str(data.SeriesInstanceUID),
            instance_uid=str(data.SOPInstanceUID),
            sop_class_uid=str(data.SOPClassUID),
            transfer_syntax_uid=str(data.file_meta.TransferSyntaxUID),
            into=next(self._folders),
        )

    def move(self, made: Made) -> tuple[Exchange, tuple[Path, ...]]:
        """C-MOVE to ourselves."""
        _, data = made
        into = next(self._folders)
        into.mkdir()
        with Receiver(
            self.endpoint.receiver_host,
            self.endpoint.receiver_port or 0,
            self.endpoint.receiver_aet or "",
            into=into,
            contexts=[(str(data.SOPClassUID), str(data.file_meta.TransferSyntaxUID))],
            grace=0.2,
            tls=self.endpoint.tls,
        ) as receiver:
            return self.client.move(
                study_uid=str(data.StudyInstanceUID),
                series_uid=str(data.SeriesInstanceUID),
                instance_uid=str(data.SOPInstanceUID),
                sop_class_uid=str(data.SOPClassUID),
                transfer_syntax_uid=str(data.file_meta.TransferSyntaxUID),
                receiver=receiver,
            )

    def find(self, made: Made, *keys: str, level: str = "IMAGE") -> tuple[dict[str, str], ...]:
        """C-FIND the instance, asking for keys."""
        _, data = made
        query = {"SOPInstanceUID": str(data.SOPInstanceUID), **dict.fromkeys(keys, "")}
        return self.client.find(query, level=level)[1]


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    """Start an embedded PACS for the time of a block."""

    @contextmanager
    def started(
        mutant: str | None = None,
        *,
        variations: tuple[str, ...] = (),
        tls: Path | None = None,
        limits: Limits | None = None,
    ) -> Iterator[tuple[EmbeddedTarget, Caller]]:
        folder = tmp_path_factory.mktemp("embedded")
        target = EmbeddedTarget(mutant=mutant, variations=variations, tls=tls, limits=limits)
        try:
            with forking():
                endpoint = target.start(Place("test", folder / "scratch", folder / "evidence"))
            yield target, Caller(endpoint, folder)
        finally:
            target.stop()

    return started
