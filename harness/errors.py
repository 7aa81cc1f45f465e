"""Every exception the harness raises on purpose.

::

    HarnessError
    ├── UsageError              what was asked for cannot be: the user changes the request
    │   ├── UnknownName         a target, format or check that does not exist
    │   └── DataFileError       a data file breaks its own rules
    ├── EnvironmentProblem      this machine cannot do it now: the user changes the machine
    │   ├── EngineUnavailable   no container engine or compose command answers
    │   ├── ImageMissing        the image of a target is not here and cannot be pulled
    │   ├── PortTaken           a port that must be ours belongs to somebody else
    │   ├── DiskTooSmall        the chosen sizes do not fit on the disk
    │   └── TargetUnhealthy     a target was started and never became ready
    ├── MediaError              a clip or video object could not be made or read
    │   ├── EncoderMissing      the video library has no encoder for the format
    │   ├── ClipRejected        an encoded clip is not what its format demands
    │   └── ObjectUnreadable    bytes that should be a DICOM object are not
    │       └── PixelDataMissing  a DICOM object that has no Pixel Data
    └── RecordError             a stored run or report cannot be read
        └── OtherVersion        another version wrote it, and only that one can read it

What a PACS does is never an exception: refusal, abort and silence are results
(:mod:`harness.core.exchange`).
"""

import errno
from collections.abc import Iterable


class HarnessError(Exception):
    """Base of all; the message names the value, the place and the next step in one line."""


class UsageError(HarnessError):
    """What was asked for cannot be done on any machine."""


class UnknownName(UsageError):
    """A name that is not in the list of known names."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown {kind} {name!r}; known: {', '.join(sorted(known))}")


class DataFileError(UsageError):
    """A data file breaks its own rules; the message names file and key."""

    def __init__(self, path: object, key: str, problem: str) -> None:
        # The arguments as they are, so that the error can come from another process.
        super().__init__(path, key, problem)

    def __str__(self) -> str:
        return ": ".join(map(str, self.args))


class EnvironmentProblem(HarnessError):
    """This machine cannot do what was asked for now."""


class EngineUnavailable(EnvironmentProblem):
    """No container engine, or no compose command, answers."""


class ImageMissing(EnvironmentProblem):
    """The image of a target is not on this machine and could not be pulled."""


class PortTaken(EnvironmentProblem):
    """A port that must be ours belongs to another process."""


class DiskTooSmall(EnvironmentProblem):
    """The chosen sizes do not fit on the disk."""


class TargetUnhealthy(EnvironmentProblem):
    """A target was started and never became ready; carries its last log lines."""

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message if not log_tail else f"{message}; its last log lines:\n{log_tail}")


class MediaError(HarnessError):
    """A clip or a video object could not be made or read."""


class EncoderMissing(MediaError):
    """The video library has no encoder for the format."""


class ClipRejected(MediaError):
    """An encoded clip is not what its format demands; the message lists what differs."""


class ObjectUnreadable(MediaError):
    """Bytes that should be a DICOM object are not."""


class PixelDataMissing(ObjectUnreadable):
    """A DICOM object without Pixel Data, so that there is no video in it."""


#: What can go wrong with our own machine, and says nothing of the bytes that were to be read.
_MACHINE = frozenset(
    {errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM}
)


def is_of_this_machine(error: BaseException) -> bool:
    """Whether an error is about memory, disk or descriptors here: then it must not be blamed on what was read."""
    return isinstance(error, MemoryError) or getattr(error, "errno", None) in _MACHINE


class RecordError(HarnessError):
    """A stored run or report cannot be read."""


class OtherVersion(RecordError):
    """What another version of the harness wrote, and only that one can read."""
