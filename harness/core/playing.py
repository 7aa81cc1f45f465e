"""What a browser made of a video."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Playing:
    """How a browser played a video file from beginning to end.

    ``told`` is False where the browser reported nothing within the time limit; ``problem`` says why a video was not
    played to its end, in the words of the browser or of the harness. ``frames`` were decoded by the browser, and
    ``shown`` of them reached the screen: a busy machine shows fewer than it decodes. ``seconds`` is the duration as
    the browser understands it, None where it does not. ``remembered`` tells that these bytes were played by this
    version before, and not again now. ``late`` tells that time ran out before the end, as on a busy machine.
    """

    browser: str
    told: bool
    ended: bool
    problem: str
    frames: int
    shown: int
    columns: int
    rows: int
    seconds: float | None
    remembered: bool = False
    late: bool = False

    @property
    def plays(self) -> bool:
        """Whether pictures were seen to the end: a browser without the codec plays the sound alone and is content."""
        return self.ended and self.frames > 0 and self.columns > 0

    @property
    def obstacle(self) -> str:
        """Why it does not play; empty where it does."""
        if self.plays:
            return ""
        if self.ended:
            return "it plays the sound to the end and shows no picture"
        return self.problem or "it does not reach the end"
