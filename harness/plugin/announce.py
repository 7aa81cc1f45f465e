"""What a system that was there before will be sent: said before the first byte leaves."""

from collections.abc import Iterable, Mapping

from harness.core.endpoint import Service
from harness.core.formats import Format
from harness.core.sizes import show_size
from harness.media.values import Clip
from harness.plugin.cells import VideoKey
from harness.targets.remote import RemoteTarget

#: Root of every UID made by the harness: a UUID as a decimal number (PS3.5 B.2).
UID_ROOT = "2.25."


def sending_summary(
    target: RemoteTarget,
    videos: Iterable[VideoKey],
    formats: Mapping[str, Format],
    clips: Mapping[str, Clip],
    *,
    more: int = 0,
) -> tuple[str, ...]:
    """The lines to show for one target and the videos of its cells.

    Videos that cannot be made are not counted, nor those that the site does not allow; of the rest, those whose syntax
    the system refuses will not be sent either, so that the numbers are upper limits. ``more`` is how many objects
    single checks store besides.
    """
    sizes: dict[VideoKey, int] = {}
    for key in videos:
        clip = clips.get(formats[key.format_id].recipe or "")
        size = key.size or (clip.size if clip else 0)
        if size and not _obstacle(target, size):
            sizes[key] = size
    where = _address(target)
    if not sizes and not more:
        return (f"{target.id}: nothing will be stored on {where}",)
    names = sorted({key.format_id for key in sizes})
    shown = [f"{target.id}: up to {len(sizes) + more} objects will be stored on {where}"]
    if sizes:
        shown += [
            f"  formats: {', '.join(names)}",
            f"  sizes: {show_size(min(sizes.values()))} to {show_size(max(sizes.values()))}, "
            f"{show_size(sum(sizes.values()))} in all",
        ]
    if more:
        shown.append(f"  {more} of them are for single checks, most of them of a few megabytes")
    return (
        *shown,
        f"  synthetic patients only; UIDs begin with {UID_ROOT}; nothing is deleted; what stays is listed at the end",
    )


def _obstacle(target: RemoteTarget, size: int) -> str | None:
    service = Service.STORE if target.endpoint is not None else Service.STOW
    return target.permission.obstacle(service, size)


def _address(target: RemoteTarget) -> str:
    """Where objects are stored: by C-STORE where it has DIMSE, else by STOW-RS."""
    if target.endpoint is not None:
        end = target.endpoint
        return f"{end.aet}@{end.host}:{end.port}, called as {end.calling_aet}"
    return target.web.base if target.web is not None else "nothing"
