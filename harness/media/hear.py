"""How a sound track is coded: its bit rate, and whether the frames of MPEG audio keep to one."""

from fractions import Fraction
from typing import Any

import av

from harness.core.facts import SoundDetail

#: MPEG audio frames begin with eleven set bits; the codes 0 (free) and 15 tell no bit rate (ISO/IEC 11172-3 2.4.1.3).
_SYNC, _UNTOLD = 0x7FF, (0, 15)


class SoundMeter:
    """Takes the packets of a sound track one after the other."""

    def __init__(self) -> None:
        self._bytes = 0
        self._seconds = Fraction(0)
        self._rates: set[int] = set()

    def hear(self, packet: "av.Packet[Any]") -> None:
        """Count one packet; only what the container says of its time is needed."""
        if not packet.size:
            return
        self._bytes += packet.size
        if packet.duration and packet.time_base:
            self._seconds += packet.duration * packet.time_base
        head = int.from_bytes(bytes(packet)[:4], "big")
        if head >> 21 == _SYNC and head >> 17 & 3 and (code := head >> 12 & 15) not in _UNTOLD:
            self._rates.add(code)

    def detail(self) -> SoundDetail:
        """What was measured over all packets."""
        rate = int(self._bytes * 8 / self._seconds) if self._seconds else 0
        return SoundDetail(bit_rate=rate, constant=len(self._rates) < 2)
