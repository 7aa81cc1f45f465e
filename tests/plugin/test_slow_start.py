from pathlib import Path

from harness.core.endpoint import Endpoint
from harness.plugin.bench import Bench
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place


class Slow(EmbeddedTarget):
    """Says something while it starts."""

    def start(self, place: Place) -> Endpoint:
        place.say("still starting")
        return super().start(place)


def test_word_about_a_slow_start_reaches_the_user(tmp_path: Path) -> None:
    said: list[str] = []
    bench = Bench(
        {"embedded": Slow()},
        run_id="slow",
        run_folder=tmp_path / "run",
        formats={},
        recipes={},
        cache=tmp_path / "cache",
        say=said.append,
    )
    with bench:
        bench.pacs("embedded")
        bench.stop("embedded")
    assert said == ["still starting"]
