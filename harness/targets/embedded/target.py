"""Starting and stopping the embedded PACS as a target.

The server is a process of its own, so that its memory can be measured and that killing the harness kills
it: its standard input is a pipe from here, and it ends when that pipe does.
"""

import json
import queue
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO, Any

import harness
from harness.clients.dimse import DimseClient
from harness.core.endpoint import (
    Endpoint,
    EvidenceClass,
    RestEndpoint,
    Runtime,
    TargetIdentity,
    TargetState,
    Tls,
    WebEndpoint,
)
from harness.core.exchange import Ending
from harness.errors import TargetUnhealthy
from harness.targets.definition import RECEIVER_AET
from harness.targets.embedded.mutants import mutant as find_mutant
from harness.targets.embedded.restricted import Limits, write_limits
from harness.targets.embedded.variations import variation as find_variation
from harness.targets.embedded.web.app import BASE, URI
from harness.targets.processes import free_port, last_lines, peak_memory_of
from harness.targets.target import Place

AET = "EMBEDDED"
CALLING_AET = "PYTEST_PACS"

_HOST = "127.0.0.1"
_READY_SECONDS = 30.0
_STOP_SECONDS = 5.0


class EmbeddedTarget:
    """Our own PACS on the loopback interface, as itself, as a mutant, with benign variations, or within limits.

    ``tls`` is a folder with ``certificate.pem``, ``key.pem`` and ``authority.pem``, which both sides then use: the
    certificate must hold 127.0.0.1, and the authority vouches for it.

    Raises:
        UnknownName: there is no mutant, or no variation, of that name.
    """

    evidence_class = EvidenceClass.SELF_TEST
    runtime = Runtime.EMBEDDED

    def __init__(
        self,
        id: str = "embedded",
        *,
        mutant: str | None = None,
        variations: tuple[str, ...] = (),
        tls: Path | None = None,
        aet: str = AET,
        limits: Limits | None = None,
    ) -> None:
        if mutant is not None:
            find_mutant(mutant)
        for name in variations:
            find_variation(name)
        self._id = id
        self._mutant = mutant
        self._variations = variations
        self._aet = aet
        self._limits = limits
        self._tls = Tls(str(tls / "authority.pem"), str(tls / "certificate.pem"), str(tls / "key.pem")) if tls else None
        self._process: subprocess.Popen[str] | None = None
        self._kept: subprocess.Popen[str] | None = None
        self._log: IO[str] | None = None
        self._ready: dict[str, Any] = {}
        self._peak: int | None = None

    @property
    def id(self) -> str:
        """The name given on the command line; column head of the matrix."""
        return self._id

    def start(self, place: Place) -> Endpoint:
        """Start and wait until it answers C-ECHO, with whatever status; within limits it may refuse it.

        Raises:
            TargetUnhealthy: it did not become ready; it is stopped again.
        """
        stem = re.sub(r"[^A-Za-z0-9._-]", "_", self._id)
        log = place.evidence / f"{stem}.log"
        receiver_port = free_port(_HOST)
        place.scratch.mkdir(parents=True, exist_ok=True)
        place.evidence.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "harness.targets.embedded", "--aet", self._aet]
        command += ["--storage", tempfile.mkdtemp(prefix="embedded-", dir=place.scratch)]
        # Reports of storage commitment go to who asked for it, C-MOVE to the receiver: both are us.
        for aet in (RECEIVER_AET, CALLING_AET):
            command += ["--destination", f"{aet}={_HOST}:{receiver_port}"]
        command += ["--misbehave", self._mutant] if self._mutant is not None else []
        for name in self._variations:
            command += ["--vary", name]
        if self._limits is not None:
            # Kept with the evidence: it is what was really played.
            file = place.evidence / f"{stem}-limits.json"
            write_limits(self._limits, file)
            command += ["--restrict", str(file)]
        if self._tls is not None:
            command += ["--tls-certificate", str(self._tls.certificate), "--tls-key", str(self._tls.key)]
            command += ["--tls-authority", str(self._tls.authorities)]
        self._log = log.open("a", encoding="utf-8")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        try:
            self._ready = self._first_line(self._process)
            endpoint = Endpoint(
                _HOST,
                self._ready["port"],
                self._aet,
                calling_aet=CALLING_AET,
                receiver_aet=RECEIVER_AET,
                receiver_host=_HOST,
                receiver_port=receiver_port,
                tls=self._tls,
            )
            echo = DimseClient(endpoint).echo()
            if echo.ending is not Ending.ANSWERED and not (self._limits and echo.ending is Ending.REFUSED):
                raise TargetUnhealthy(f"the embedded PACS at {_HOST}:{endpoint.port}: {echo.summary}")
        except TargetUnhealthy as problem:
            self.stop()
            raise TargetUnhealthy(f"{problem}; see {log}", last_lines(log)) from None
        return endpoint

    @staticmethod
    def _first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
        """What the server says when it is ready."""
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        stdout = process.stdout
        threading.Thread(target=lambda: lines.put(stdout.readline() if stdout else ""), daemon=True).start()
        try:
            line = lines.get(timeout=_READY_SECONDS)
        except queue.Empty:
            raise TargetUnhealthy(f"the embedded PACS was not ready within {_READY_SECONDS:g} s") from None
        try:
            ready: dict[str, Any] = json.loads(line)
        except ValueError:
            raise TargetUnhealthy("the embedded PACS ended before it was ready") from None
        return ready

    @property
    def web(self) -> WebEndpoint | None:
        """Its DICOMweb service; None before it is started."""
        if "web_port" not in self._ready:
            return None
        root = self._root
        return WebEndpoint(root + BASE, tls=self._tls or Tls(), wado_uri=root + URI)

    @property
    def rest(self) -> RestEndpoint | None:
        """Its interface besides the standard's, which is that of Orthanc; None before it is started."""
        return RestEndpoint("orthanc", self._root) if "web_port" in self._ready else None

    @property
    def _root(self) -> str:
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{_HOST}:{self._ready['web_port']}"

    def identity(self) -> TargetIdentity:
        """Product and version, with the libraries that the running server named."""
        details = [(name, str(value)) for name, value in self._ready.items() if name not in ("port", "web_port", "pid")]
        if self._mutant is not None:
            details.append(("mutant", self._mutant))
        if self._variations:
            details.append(("variations", ", ".join(self._variations)))
        return TargetIdentity(
            self._id,
            product="pytest-pacs embedded PACS",
            version=harness.__version__,
            runtime=self.runtime,
            evidence_class=self.evidence_class,
            details=tuple(details),
        )

    def state(self) -> TargetState:
        """How the process is doing; the memory peak is the last one known."""
        if self._process is None:
            return TargetState(alive=False)
        exit_code = self._process.poll()
        if exit_code is None:
            self._peak = peak_memory_of(self._process.pid) or self._peak
        return TargetState(alive=exit_code is None, exit_code=exit_code, memory_peak=self._peak, restarts=0)

    def stop(self) -> None:
        """End the process: by the end of its input, then by signals. May be called twice."""
        process = self._process
        if process is None or self._log is None or self._log.closed:
            return
        self.state()
        for end in (self._end_input, process.terminate, process.kill):
            end()
            try:
                process.wait(_STOP_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        if process.stdout is not None:
            process.stdout.close()
        self._log.close()

    def keep(self) -> tuple[int, ...]:
        """See :class:`~harness.targets.target.Keepable`: its standard input stays open."""
        self._kept, self._process = self._process, None
        return (self._kept.stdin.fileno(),) if self._kept and self._kept.stdin else ()

    def _end_input(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
