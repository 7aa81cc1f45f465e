"""Asks how associations are negotiated, limited, refused and ended."""

import ssl
from collections.abc import Callable
from dataclasses import replace

from harness.clients.dimse import DimseClient, RetryPolicy, Terms
from harness.clients.dimse.parallel import at_once
from harness.clients.dimse.probes import Break, break_off_store, without_certificate, without_tls
from harness.clients.dimse.retrieve import STUDY_ROOT_GET, get_proposals
from harness.clients.dimse.secure import can_speak
from harness.core.endpoint import Service
from harness.core.exchange import Ending, Exchange
from harness.core.families.associated import BrokenOffSeen, OneOfSeveral, ParallelSeen, PduSeen
from harness.core.families.association import RoleSeen, Title, TitleSeen, TlsAnswer, TlsSeen, TlsTrial
from harness.core.families.negotiation import XraySeen, table
from harness.core.observations import Fetched, PayloadSeen
from harness.core.results import Outcome
from harness.core.sizes import MIB
from harness.core.verdicts import judge_store
from harness.plugin.conversation import not_offered
from harness.plugin.questions.asking import Asking
from harness.plugin.questions.xray import Plan, ask
from harness.plugin.videos import LazyVideo
from harness.plugin.waysback import WaysBack

#: AE titles that no system has.
STRANGE_TITLES = {Title.CALLED: "NO-SUCH-PACS-XYZ", Title.CALLING: "NO-SUCH-CALLER-X"}

#: Sizes in bytes of the videos that are stored at once, the clip itself and longer ones: so far apart that no content
#: is that of another.
SEVERAL_SIZES = (None, 2 * MIB, 4 * MIB, 6 * MIB)
#: How long an open association waits for the others to open, in seconds.
MEETING = 5.0

#: The longest PDU that is sent to a target that takes it, in bytes.
LONGEST_PDU = 16 * MIB

_OLD = {TlsTrial.TLS_1_0: ssl.TLSVersion.TLSv1, TlsTrial.TLS_1_1: ssl.TLSVersion.TLSv1_1}


class LiveAssociation(Asking):
    """See :class:`harness.core.families.association.AssociationQuestions`."""

    def xray(self) -> XraySeen:
        """Propose every SOP class with every transfer syntax, alone and in company, with controls."""
        client = self._talk.require_dimse("DIMSE negotiation")
        return self._talk.answers.once("xray", lambda: self._xray(client))

    def strange_title(self, which: Title) -> TitleSeen:
        """Use a title that the target cannot know."""
        client = self._talk.require_dimse("C-ECHO")
        self._talk.require_allowed(Service.ECHO)
        return self._talk.answers.once(("title", which), lambda: self._strange_title(client, which))

    def role(self, video: LazyVideo) -> RoleSeen:
        """Ask for the SCP role, and then for the stored video."""
        client = self._talk.require_dimse("C-GET")
        self._talk.require_allowed(Service.GET)  # nothing is stored to no use
        return self._talk.answers.once(("role", video.key), lambda: self._role(client, video))

    def tls(self) -> TlsSeen:
        """Call as nobody should be answered."""
        client = self._talk.require_dimse("C-ECHO")
        if client.endpoint.tls is None:
            raise not_offered("DICOM over TLS", "the target file declares no TLS")
        self._talk.require_allowed(Service.ECHO)
        return self._talk.answers.once("tls", lambda: self._tls(client))

    def pdu_length(self, video: LazyVideo, offered: int) -> PduSeen:
        """Store and get a fresh object while ``offered`` bytes are the longest PDU that we take, 0 for no limit."""
        client = self._talk.require_dimse("C-STORE")
        self._talk.require_allowed(Service.GET)  # nothing is stored to no use
        return self._talk.answers.once(("pdu", video.key, offered), lambda: self._pdu_length(client, video, offered))

    def parallel(self, video: LazyVideo) -> ParallelSeen:
        """Store several fresh objects over as many associations at once, and get each."""
        client = self._talk.require_dimse("C-STORE")
        return self._talk.answers.once(("parallel", video.key), lambda: self._parallel(client, video))

    def broken_off(self, video: LazyVideo) -> BrokenOffSeen:
        """Abort a fresh object in the middle, then store and get it."""
        client = self._talk.require_dimse("C-STORE")
        return self._talk.answers.once(("broken off", video.key), lambda: self._broken_off(client, video))

    def _xray(self, client: DimseClient) -> XraySeen:
        plan = Plan.of(self._talk.formats)
        seen = plan.seen([self._talk.told(exchange) for exchange in ask(client, plan)])
        self._talk.answers.write(
            "negotiation.txt", table(seen).encode(), role="negotiation", title="every class with every transfer syntax"
        )
        return seen

    def _strange_title(self, client: DimseClient, which: Title) -> TitleSeen:
        title, endpoint = STRANGE_TITLES[which], client.endpoint
        named = replace(endpoint, aet=title) if which is Title.CALLED else replace(endpoint, calling_aet=title)
        before = client.echo()
        strange = client.like(endpoint=named).echo()
        return TitleSeen(which, title, before, self._talk.told(strange), self._talk.told(client.echo()))

    def _role(self, client: DimseClient, video: LazyVideo) -> RoleSeen:
        proposals = get_proposals(video.sop_class.uid, (video.format.uid,))
        asked = self._talk.told(client.propose(proposals))
        got = None
        if asked.ending is Ending.ANSWERED and all(context.accepted for context in asked.contexts):
            own = video.fresh("role")
            stored = self._talk.require_stored(own)
            got = PayloadSeen.of(own.facts, stored, self._got(client, own, insist=True))
        return RoleSeen(STUDY_ROOT_GET, video.sop_class.uid, asked, got)

    def _tls(self, client: DimseClient) -> TlsSeen:
        tls = client.endpoint.tls
        before = client.echo()
        # A caller that is turned away is not tried again: it should be.
        strict = client.like(retry=RetryPolicy(1))
        callers = {TlsTrial.PLAIN: without_tls(strict), TlsTrial.NO_CERTIFICATE: without_certificate(strict)}
        callers |= {trial: strict.like(terms=Terms(tls_version=old)) for trial, old in _OLD.items() if can_speak(old)}
        answers = tuple(TlsAnswer(one, callers[one].echo() if one in callers else None) for one in TlsTrial)
        return TlsSeen(tls is not None and tls.certificate is not None, before, answers, self._talk.told(client.echo()))

    def _pdu_length(self, client: DimseClient, video: LazyVideo, offered: int) -> PduSeen:
        own = self._filling(video, f"pdu-{offered}")
        ours = client.like(terms=Terms(max_pdu=offered, max_sent=LONGEST_PDU))
        stored = self._stored(ours, own)
        if judge_store(stored).outcome is not Outcome.PASS:
            return PduSeen(offered, stored, None)
        fetched = self._got(ours, own)
        self._talk.require_offered(fetched.exchange, STUDY_ROOT_GET)
        own.discard()
        return PduSeen(offered, stored, PayloadSeen.of(own.facts, stored, fetched))

    def _filling(self, video: LazyVideo, purpose: str) -> LazyVideo:
        """A fresh video that fills a PDU of what the target takes."""
        pdus = self._talk.propose(video).pdus
        takes = min(pdus.theirs, LONGEST_PDU) if pdus else 0
        if video.facts.payload_length > 2 * takes:
            return video.fresh(purpose)
        return self._videos.video(replace(video.key, size=2 * takes, purpose=purpose))

    def _parallel(self, client: DimseClient, video: LazyVideo) -> ParallelSeen:
        keys = [
            replace(video.key, size=size, purpose=f"parallel-{number}")
            for number, size in enumerate(SEVERAL_SIZES, start=1)
        ]
        videos = [self._videos.video(key) for key in keys]
        self._talk.require_allowed(Service.STORE, max(one.size or 0 for one in videos))
        for one in videos:
            self._talk.require_allowed(Service.STORE, one.object.path.stat().st_size)
        # One that is rejected is not tried again when the others are gone.
        workers = [client.like(retry=RetryPolicy(1)) for _ in videos]
        works = [_storing(worker, one) for worker, one in zip(workers, videos, strict=True)]
        exchanges, together = at_once(works, limit=MEETING)
        stores = tuple(self._fetched(one, exchange) for one, exchange in zip(videos, exchanges, strict=True))
        return ParallelSeen(together, stores)

    def _fetched(self, video: LazyVideo, exchange: Exchange) -> OneOfSeveral:
        """What came back of a video that was stored by ``exchange``."""
        stored = self._talk.answers.once(("store", video.key), lambda: self._talk.told(exchange))
        self._talk.note_left(video.instance_uid, stored)
        payload = None
        if judge_store(stored).outcome is Outcome.PASS:
            payload = PayloadSeen.of(video.facts, stored, self._pacs.fetch(video))
            self._pacs.discard(video)
        video.discard()
        return OneOfSeveral(stored, payload)

    def _broken_off(self, client: DimseClient, video: LazyVideo) -> BrokenOffSeen:
        own = video.fresh("broken-off")
        whole = own.object.path.stat().st_size
        self._talk.require_allowed(Service.STORE, whole)
        cut = break_off_store(
            client,
            own.object.path,
            sop_class_uid=own.sop_class.uid,
            sop_instance_uid=own.instance_uid,
            transfer_syntax_uid=own.format.uid,
            after=whole // 2,
            how=Break.ABORT,
        )
        self._talk.note_left(own.instance_uid, cut)
        if cut.ending is not Ending.BROKEN_OFF:
            return BrokenOffSeen(self._talk.told(cut), whole, None, None, 0, None, None)
        opened = self._talk.told(client.negotiate([(own.sop_class.uid, own.format.uid)]))
        if opened.ending is not Ending.ANSWERED:
            return BrokenOffSeen(cut, whole, opened, None, 0, None, None)
        query, found = self._left(client, own)
        stored = self._talk.store(own)
        payload = None
        if judge_store(stored).outcome is Outcome.PASS:
            payload = PayloadSeen.of(own.facts, stored, self._pacs.fetch(own))
        return BrokenOffSeen(cut, whole, opened, query, found, stored, payload)

    def _left(self, client: DimseClient, video: LazyVideo) -> tuple[Exchange | None, int]:
        """A query for what should not be there, and how many answers name it."""
        if self._talk.permission.obstacle(Service.FIND) is not None:
            return None, 0
        exchange, answers = client.find(video.unique_keys)
        return exchange, sum(answer.get("SOPInstanceUID") == video.instance_uid for answer in answers)

    def _stored(self, client: DimseClient, video: LazyVideo) -> Exchange:
        """C-STORE a fresh video with a client of our own."""
        self._talk.require_allowed(Service.STORE, video.object.path.stat().st_size)
        exchange = self._talk.told(_storing(client, video)(lambda: None))
        self._talk.note_left(video.instance_uid, exchange)
        return exchange

    def _got(self, client: DimseClient, video: LazyVideo, *, insist: bool = False) -> Fetched:
        """C-GET a stored video with a client of our own."""
        ways = WaysBack(self._talk)
        way = ways.get(video, client=client, insist=insist)
        fetched = ways.take(way, video, name=way.service)
        self._pacs.discard(video)
        return fetched


def _storing(client: DimseClient, video: LazyVideo) -> Callable[[Callable[[], None]], Exchange]:
    """C-STORE, which tells when its association is open."""
    sent = video.object
    return lambda ready: client.store(
        sent.path,
        sop_class_uid=video.sop_class.uid,
        sop_instance_uid=sent.instance_uid,
        transfer_syntax_uid=video.format.uid,
        size=sent.path.stat().st_size,
        ready=ready,
    )
