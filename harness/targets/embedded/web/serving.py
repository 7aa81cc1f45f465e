"""The HTTP server of the embedded PACS: uvicorn on the loopback interface, in a thread of its own."""

import socket
import ssl
import threading

import uvicorn
from starlette.types import ASGIApp

_HOST = "127.0.0.1"


class WebServer:
    """Serves an application, over TLS only where there is a ``secure`` context."""

    def __init__(self, app: ASGIApp, *, secure: ssl.SSLContext | None = None) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            ssl_context_factory=(lambda *_: secure) if secure is not None else None,
        )
        self._server = uvicorn.Server(config)
        self._socket = socket.socket()
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="web", daemon=True)

    def start(self, port: int) -> int:
        """Listen on a port of the loopback interface, 0 for any free one; returns the port."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((_HOST, port))
        # From here on callers wait rather than being refused, however long the thread needs.
        self._socket.listen(128)
        self._thread.start()
        return int(self._socket.getsockname()[1])

    def stop(self) -> None:
        """Take no new requests, and end when what is going on has ended, or with the process."""
        self._server.should_exit = True

    def join(self, seconds: float) -> None:
        """Wait for the end, after :meth:`stop`."""
        self._thread.join(seconds)
