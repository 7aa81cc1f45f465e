"""The routes of the DICOMweb services as an ASGI application (Starlette)."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.index import UNIQUE, Level
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.asked import Asked, Refusal, Reply, Resource
from harness.targets.embedded.web.body import CHUNK, EMPTY
from harness.targets.embedded.web.retrieve import Retrieve
from harness.targets.embedded.web.search import search
from harness.targets.embedded.web.stow import StoreRequest
from harness.targets.embedded.web.uri import retrieve_by_uri
from harness.targets.embedded.web.vendor import Vendor

LOG = logging.getLogger(__name__)

#: Where the services are, below the address of the server.
BASE = "/dicom-web"
URI = "/wado"
_LONGEST_TEXT = 100

_STUDY, _SERIES, _INSTANCE = (
    f"/{name}/{{{key}}}" for name, key in zip(("studies", "series", "instances"), UNIQUE.values(), strict=True)
)
_LEVELS = {Level.STUDY: _STUDY, Level.SERIES: _STUDY + _SERIES, Level.IMAGE: _STUDY + _SERIES + _INSTANCE}

Answer = Callable[[Asked], Reply]
Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(store: ObjectStore, hooks: Hooks) -> Starlette:
    """The application on a store."""
    retrieve = Retrieve(store, hooks)
    vendor = Vendor(store)
    gets: list[tuple[str, Resource, Answer]] = [
        *(
            (BASE + path, Resource.SEARCH, partial(search, level=level, store=store, hooks=hooks))
            for path, level in _searches()
        ),
        *((BASE + path, Resource.INSTANCES, retrieve.instances) for path in _LEVELS.values()),
        *((f"{BASE}{path}/metadata", Resource.METADATA, retrieve.metadata) for path in _LEVELS.values()),
        *((f"{BASE}{path}/rendered", Resource.RENDERED, retrieve.rendered) for path in _LEVELS.values()),
        (f"{BASE}{_LEVELS[Level.IMAGE]}/bulkdata", Resource.BULKDATA, retrieve.bulkdata),
        (f"{BASE}{_LEVELS[Level.IMAGE]}/pixeldata", Resource.BULKDATA, retrieve.bulkdata),
        (f"{BASE}{_LEVELS[Level.IMAGE]}/bulkdata/{{bulkdata}}", Resource.BULKDATA, retrieve.bulkdata),
        (f"{BASE}{_LEVELS[Level.IMAGE]}/frames/{{frames}}", Resource.FRAMES, retrieve.frames),
        (URI, Resource.URI, partial(retrieve_by_uri, store=store, hooks=hooks)),
        *vendor.gets,
    ]
    offered = hooks.web.offered
    stores = [Route(BASE + path, _storing(store, hooks), methods=["POST"]) for path in ("/studies", _STUDY)]
    stores = stores if offered(Resource.STORE) else []
    said = [
        Route(path, _said(resource, answer, hooks), methods=["POST"])
        for path, resource, answer in vendor.posts
        if offered(resource)
    ]
    got = [Route(path, _getting(resource, answer, hooks)) for path, resource, answer in gets if offered(resource)]
    return Starlette(routes=[*stores, *said, *got])


def _searches() -> list[tuple[str, Level]]:
    """Where searches are made, with the level of what they find (PS3.18 Table 10.6.1-1)."""
    return [
        ("/studies", Level.STUDY),
        ("/series", Level.SERIES),
        ("/instances", Level.IMAGE),
        (f"{_STUDY}/series", Level.SERIES),
        (f"{_STUDY}/instances", Level.IMAGE),
        (f"{_STUDY}{_SERIES}/instances", Level.IMAGE),
    ]


def _asked(request: Request, resource: Resource) -> Asked:
    return Asked(
        resource=resource,
        base=f"{request.url.scheme}://{request.url.netloc}{BASE}",
        path=request.path_params,
        query=tuple(request.query_params.multi_items()),
        accept=request.headers.get("accept"),
        range=request.headers.get("range") if "if-range" not in request.headers else None,
    )


def _getting(resource: Resource, answer: Answer, hooks: Hooks) -> Endpoint:
    async def get(request: Request) -> Response:
        asked = _asked(request, resource)
        asked = replace(asked, accept=hooks.web.accept(asked.accept))
        head = request.method == "HEAD"
        return await run_in_threadpool(_replied, asked, lambda: answer(asked), hooks, with_body=not head)

    return get


def _said(resource: Resource, answer: Answer, hooks: Hooks) -> Endpoint:
    async def post(request: Request) -> Response:
        text = ""
        async for block in request.stream():
            # A UID has 64 characters at most (PS3.5 6.2).
            text = (text + block.decode("latin-1"))[:_LONGEST_TEXT]
        asked = replace(_asked(request, resource), text=text)
        return await run_in_threadpool(_replied, asked, lambda: answer(asked), hooks)

    return post


def _storing(store: ObjectStore, hooks: Hooks) -> Endpoint:
    async def post(request: Request) -> Response:
        asked = _asked(request, Resource.STORE)
        incoming: StoreRequest | None = None
        answer: Callable[[], Reply]
        try:
            incoming = StoreRequest(asked, request.headers.get("content-type", ""), store, hooks)
            answer = incoming.finish
        except Refusal as refusal:
            answer = partial(_raise, refusal)
        try:
            refused = await _feed(request, incoming)
            return await run_in_threadpool(_replied, asked, refused or answer, hooks)
        except ClientDisconnect:
            LOG.info("store: the client went away")
            return Response(status_code=400)
        finally:
            if incoming is not None:
                await run_in_threadpool(incoming.discard)

    return post


async def _feed(request: Request, incoming: StoreRequest | None) -> Callable[[], Reply] | None:
    """Hand the body over in blocks that are worth a change of threads; what raises the refusal of one, if any.

    After a refusal the rest is read and forgotten, since who still writes may not see an answer.
    """
    held: list[bytes] = []
    refused: Callable[[], Reply] | None = None
    stream = request.stream()
    while True:
        block = await anext(stream, None)
        if incoming is not None and refused is None:
            held.append(block or b"")
            if block is None or sum(map(len, held)) >= CHUNK:
                try:
                    await run_in_threadpool(incoming.feed, b"".join(held))
                except Refusal as refusal:
                    refused = partial(_raise, refusal)
                held = []
        if block is None:
            return refused


def _raise(refusal: Refusal) -> Reply:
    raise refusal


def _replied(asked: Asked, answer: Callable[[], Reply], hooks: Hooks, *, with_body: bool = True) -> Response:
    """The answer as it goes out; what nobody foresaw is a 500, as in any server. HEAD reads no file for nothing."""
    try:
        reply = answer()
    except Refusal as refusal:
        reply = refusal.reply
    except Exception:
        LOG.exception("%s", asked.resource)
        reply = Refusal(500, "the server failed").reply
    reply = hooks.web.reply(asked, reply)
    LOG.info("%s %s %s bytes", asked.resource, reply.status, reply.body.length)
    headers = dict(reply.headers)
    if reply.media_type:
        headers["Content-Type"] = reply.media_type
    if reply.length_told and reply.status != 204:
        headers["Content-Length"] = str(reply.body.length)
    body = reply.body if with_body else EMPTY
    return StreamingResponse(body.chunks(), status_code=reply.status, headers=headers)
