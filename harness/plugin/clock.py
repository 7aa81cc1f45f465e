"""Whether the clock of this machine is kept right by somebody, as the kernel tells."""

import ctypes
import sys

#: Read nothing but the state, and the flag of its status that tells of no synchronisation (adjtimex(2)).
_READ, _UNSYNC = 0, 0x40


class _Timex(ctypes.Structure):
    """The head of the kernel's ``struct timex`` on Linux, with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 32),
    )


def synchronisation() -> str:
    """``synchronised`` with the largest error that the kernel expects, ``not synchronised``, or ``unknown``.

    A virtual machine may be kept right by its host, of which its kernel knows nothing.
    """
    if not sys.platform.startswith("linux"):
        return "unknown"
    state = _Timex(modes=_READ)
    try:
        if ctypes.CDLL(None).adjtimex(ctypes.byref(state)) < 0:
            return "unknown"
    except (OSError, AttributeError):
        return "unknown"
    if state.status & _UNSYNC:
        return "not synchronised"
    return f"synchronised, within {state.maxerror / 1000:.1f} ms"
