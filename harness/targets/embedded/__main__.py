"""Command line and life of the embedded PACS process.

When it is ready, one JSON line on standard output tells the ports. It ends on SIGTERM, and when its standard
input ends: the process that started it holds the other end of that pipe, so none stays behind when that one
is killed.
"""

import argparse
import json
import logging
import os
import platform
import signal
import sys
import threading
from importlib.metadata import version
from pathlib import Path

from harness.clients.dimse.secure import server_context
from harness.core.endpoint import Tls
from harness.targets.embedded.mutants import MUTANTS, mutant
from harness.targets.embedded.restricted import read_limits, within
from harness.targets.embedded.server import EmbeddedServer
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.variations import VARIATIONS, varied
from harness.targets.embedded.web.app import make_app
from harness.targets.embedded.web.serving import WebServer


def _destination(text: str) -> tuple[str, tuple[str, int]]:
    aet, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    if not (aet and host and port.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not AET=HOST:PORT")
    return aet, (host, int(port))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m harness.targets.embedded", description="A PACS for self-tests.")
    parser.add_argument("--storage", type=Path, required=True, help="empty folder for objects and index")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--web-port", type=int, default=0, help="the same for DICOMweb")
    parser.add_argument("--aet", default="EMBEDDED", help="AE title")
    parser.add_argument(
        "--destination",
        type=_destination,
        action="append",
        default=[],
        metavar="AET=HOST:PORT",
        help="where an AE title is reached by C-MOVE and commitment reports; may be repeated",
    )
    parser.add_argument(
        "--misbehave",
        choices=[known.name for known in MUTANTS],
        metavar="NAME",
        help="be the mutant of this name: %(choices)s",
    )
    parser.add_argument(
        "--vary",
        choices=[known.name for known in VARIATIONS],
        action="append",
        default=[],
        metavar="NAME",
        help="behave in another legal way; may be repeated: %(choices)s",
    )
    parser.add_argument(
        "--restrict", type=Path, metavar="FILE", help="offer and take only what this JSON file has (see restricted.py)"
    )
    parser.add_argument("--tls-certificate", metavar="PEM", help="serve, and move, over TLS with this certificate")
    parser.add_argument("--tls-key", metavar="PEM", help="its key, where the file of the certificate does not hold it")
    parser.add_argument(
        "--tls-authority", metavar="PEM", help="who vouches for the certificates of others; the system's where left out"
    )
    arguments = parser.parse_args()
    if arguments.tls_certificate is None and (arguments.tls_key or arguments.tls_authority):
        parser.error("TLS needs --tls-certificate")
    if arguments.misbehave and (arguments.vary or arguments.restrict):
        parser.error("a mutant differs in one thing: --misbehave excludes --vary and --restrict")
    return arguments


def _set_at_end_of_input(stop: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    stop.set()


def main() -> None:
    """Serve until told to stop."""
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("pynetdicom").setLevel(logging.WARNING)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    threading.Thread(target=_set_at_end_of_input, args=(stop,), daemon=True).start()
    hooks = varied(arguments.vary) if arguments.misbehave is None else mutant(arguments.misbehave).hooks
    if arguments.restrict is not None:
        limits = read_limits(arguments.restrict)
        hooks = within(limits)(hooks)
        logging.info("within limits: %s", limits.about)
    store = ObjectStore(arguments.storage)
    tls = None
    if arguments.tls_certificate:
        tls = Tls(arguments.tls_authority, arguments.tls_certificate, arguments.tls_key)
    server = EmbeddedServer(
        store,
        aet=arguments.aet,
        destinations=dict(arguments.destination),
        hooks=hooks,
        tls=tls,
    )
    secure = server_context(tls, mutual=True) if tls is not None else None
    web = WebServer(make_app(store, hooks), secure=secure)
    port, web_port = server.start(arguments.port), web.start(arguments.web_port)
    versions = {name: version(name) for name in ("pynetdicom", "pydicom", "starlette", "uvicorn")}
    ready = {"port": port, "web_port": web_port, "pid": os.getpid(), "python": platform.python_version(), **versions}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    stop.wait()
    web.stop()
    # Associations may be stuck with a peer that does not read, or be stuck on purpose: they get a moment
    # only.
    stopping = threading.Thread(target=server.stop, daemon=True)
    stopping.start()
    stopping.join(2)
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
