"""Mutants of the interface besides the standard's: it loses what it gives back, and states what is not so."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.mutants.mutant import Mutant
from harness.targets.embedded.web.asked import Asked, Refusal, Reply, Resource
from harness.targets.embedded.web.body import EMPTY, Body
from harness.targets.embedded.web.hooks import WebHooks


def _replying(change: Callable[[Reply], Reply], *resources: Resource) -> Hooks:
    def reply(asked: Asked, made: Reply) -> Reply:
        return change(made) if asked.resource in resources and made.status == 200 else made

    return Hooks(web=WebHooks(reply=reply))


def _saying(text: str) -> Callable[[Reply], Reply]:
    return lambda reply: replace(reply, body=Body((text.encode(),)))


def _nothing(reply: Reply) -> Reply:
    return replace(reply, body=EMPTY)


def _nine_tenths(reply: Reply) -> Reply:
    return replace(reply, body=reply.body.cut(0, reply.body.length * 9 // 10))


def _denial(reply: Reply) -> Reply:
    return Refusal(400, "the MD5 is not that of what is stored").reply


_OF_NOTHING = hashlib.md5(usedforsecurity=False).hexdigest()
_OF_SOMETHING = hashlib.md5(b"something", usedforsecurity=False).hexdigest()

MUTANTS = (
    Mutant(
        "vendor-file-answers-nothing",
        "answers for a stored file with 200 and no bytes",
        _replying(_nothing, Resource.VENDOR_FILE),
    ),
    Mutant(
        "vendor-file-truncated", "loses the last tenth of a stored file", _replying(_nine_tenths, Resource.VENDOR_FILE)
    ),
    Mutant(
        "vendor-frame-truncated",
        "loses the last tenth of the bytes of a frame",
        _replying(_nine_tenths, Resource.VENDOR_FRAME),
    ),
    Mutant(
        "vendor-forgets",
        "does not find by its own interface what it keeps",
        _replying(_saying("[]"), Resource.VENDOR_LOOKUP),
    ),
    Mutant("vendor-md5-of-nothing", "states the MD5 of no bytes", _replying(_saying(_OF_NOTHING), Resource.VENDOR_MD5)),
    Mutant("vendor-wrong-md5", "states the MD5 of other bytes", _replying(_saying(_OF_SOMETHING), Resource.VENDOR_MD5)),
    Mutant("vendor-wrong-size", "states a size of seven bytes", _replying(_saying("7"), Resource.VENDOR_SIZE)),
    Mutant(
        "vendor-denies-md5",
        "says that it does not keep what it states",
        _replying(_denial, Resource.VENDOR_VERIFY),
    ),
)
