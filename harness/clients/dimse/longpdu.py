"""A P-DATA-TF PDU that is longer than our buffer, taken as several shorter ones that say the same.

Who offers no limit must take a PDU of any length (PS3.8 D.1), and it may hold a whole video: one presentation data
value is handed on in pieces, of which only the last may carry the mark of the last fragment.
"""

import struct
from collections.abc import Callable

from harness.clients.dimse.ended import Ended
from harness.core.exchange import Ending

#: Item length, context id and message control header of a presentation data value (PS3.8 9.3.5.1).
ITEM_HEAD = struct.Struct(">LBB")
#: Bit of the message control header that marks the last fragment (PS3.8 E.2).
LAST = 2


class LongPdu:
    """What is still to come of a PDU of ``length`` bytes."""

    def __init__(self, length: int) -> None:
        self._left = length
        self._item_left = 0
        self._context_id = 0
        self._control = 0

    @property
    def over(self) -> bool:
        """True once all of it was taken."""
        return self._left == 0

    def piece(self, fill: Callable[[memoryview], None], buffer: bytearray) -> memoryview:
        """Body of the next short PDU, in ``buffer``; ``fill`` reads exactly as much as fits into what it is given.

        Raises:
            Ended: as ``fill``; BAD_ANSWER where the items do not fill the PDU.
        """
        if not self._item_left:
            self._begin_item(fill)
        count = min(self._item_left, len(buffer) - ITEM_HEAD.size)
        self._item_left -= count
        self._left -= count
        control = self._control & ~LAST if self._item_left else self._control
        ITEM_HEAD.pack_into(buffer, 0, count + 2, self._context_id, control)
        body = memoryview(buffer)[: ITEM_HEAD.size + count]
        fill(body[ITEM_HEAD.size :])
        return body

    def _begin_item(self, fill: Callable[[memoryview], None]) -> None:
        if self._left < ITEM_HEAD.size:
            raise Ended(Ending.BAD_ANSWER, "a P-DATA-TF PDU breaks off inside an item (PS3.8 9.3.5)")
        head = bytearray(ITEM_HEAD.size)
        fill(memoryview(head))
        length, self._context_id, self._control = ITEM_HEAD.unpack(head)
        self._left -= ITEM_HEAD.size
        self._item_left = length - 2
        if not 0 <= self._item_left <= self._left:
            raise Ended(Ending.BAD_ANSWER, f"a P-DATA-TF item of {length} bytes does not fit (PS3.8 9.3.5.1)")
