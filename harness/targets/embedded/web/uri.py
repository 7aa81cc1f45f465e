"""WADO-URI: one object, or the stream of a video, by query parameters (PS3.18 9)."""

from dataclasses import replace

from harness.targets.embedded.hooks import WADO_URI, Hooks
from harness.targets.embedded.index import UNIQUE, Level
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.accept import Offer, choose, parse_accept
from harness.targets.embedded.web.asked import Asked, Refusal, Reply
from harness.targets.embedded.web.media_types import DICOM, is_stream
from harness.targets.embedded.web.retrieve import ranged, whole_object

_PARAMETERS = dict(zip(("studyUID", "seriesUID", "objectUID"), UNIQUE.values(), strict=True))
#: What may follow a media type in contentType; anything else of it is the transfer syntax, which has its own parameter.
_ANY = "*/*"


def retrieve_by_uri(asked: Asked, store: ObjectStore, hooks: Hooks) -> Reply:
    """The object that the parameters name.

    Raises:
        Refusal: 400 for parameters that are missing or wrong, 404, 406, 416; 500 where the hook fails the retrieve.
    """
    uids = {keyword: asked.one(name) for name, keyword in _PARAMETERS.items()}
    if asked.one("requestType") != "WADO" or not all(uids.values()):
        raise Refusal(400, f"requestType=WADO and {', '.join(_PARAMETERS)} are needed (PS3.18 9.4.1)")
    found = store.index.instances(Level.IMAGE, uids)
    if not found:
        raise Refusal(404, "there is no such object")
    syntax = found[0].transfer_syntax_uid
    wanted = asked.one("transferSyntax")
    offers = [Offer(DICOM, multipart=False)] if wanted in ("", "*", syntax) else []
    kind = hooks.web.media_type(syntax)
    if kind is not None and is_stream(syntax) and not wanted:
        offers.append(Offer(kind, multipart=False))
    try:
        # A media type parameter of transfer syntax has no place here (PS3.18 8.7.3.6).
        ranges = parse_accept(asked.one("contentType") or asked.accept or _ANY)
    except ValueError as problem:
        raise Refusal(400, str(problem)) from None
    chosen = choose(
        [replace(one, transfer_syntax=None) for one in ranges], hooks.web.offers(asked.resource, tuple(offers))
    )
    if chosen is None:
        raise Refusal(406, f"not acceptable; there is {DICOM} in {syntax}, and {kind}")
    if chosen.name != DICOM:
        return ranged(asked, Reply(200, chosen.name, hooks.web.bulk(found[0])[0]), hooks)
    sent = hooks.retrieve(WADO_URI, found)
    if isinstance(sent, int) or not sent:
        raise Refusal(500, "the retrieve failed")
    return whole_object(asked, sent[0], hooks)
