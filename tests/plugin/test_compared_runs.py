"""Real runs are compared: what a misbehaving PACS does shows as the difference to the well-behaved one."""

import json

from harness.plugin.command import main

CHOSEN = "h264_hp41 and not frag and (get_returns_the_same_payload or query_finds_the_video)"

#: The embedded PACS misbehaves.
MISBEHAVES = """
from functools import partial

from harness.targets import factory

factory.EmbeddedTarget = partial(factory.EmbeddedTarget, mutant="flips-one-byte")
"""


def test_difference_to_a_mutant_names_what_it_does(pytester, capsys):
    folders = []
    for name in ("before", "after"):
        pytester.runpytest_subprocess("--pacs=embedded", f"--pacs-reports={name}", "-k", CHOSEN)
        folders += map(str, pytester.path.glob(f"{name}/*"))
        pytester.makeconftest(MISBEHAVES)
    before, after = folders
    assert main(["diff", before, before]) == 0
    capsys.readouterr()
    assert main(["diff", before, after, "--json"]) == 1
    (changed,) = json.loads(capsys.readouterr().out)["cells"]
    assert (changed["cell"], changed["change"]) == ("embedded--h264_hp41--RET-GET", "worse")
    assert (changed["before"], changed["after"]) == ("PASS", "FAIL")
    assert "bytes of video came back with other content" in changed["reason"]
