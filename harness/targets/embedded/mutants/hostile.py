"""The mutant whose texts are meant for whoever reads them later: markup, control characters, paths, formulas."""

from dataclasses import replace

from pydicom import Dataset
from pynetdicom.association import Association

from harness.targets.embedded import damage
from harness.targets.embedded.hooks import support_known
from harness.targets.embedded.mutants.mutant import Mutant, damaging
from harness.targets.embedded.web.asked import Asked, Reply, Resource
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.hooks import WebHooks

#: What would do something in a page, a template, a terminal, a file system or a spreadsheet that trusted it.
MARKUP = (
    "<script>document.title='owned'</script>"
    "<img src=http://127.0.0.1:9/asked onerror=\"document.title='owned'\"></td></table>"
)
TEXT = " ".join(
    (
        '=HYPERLINK("http://127.0.0.1:9/")',
        MARKUP,
        "{{7*7}} {% include 'x' %}",
        "\x1b[31m\x07\x00",
        "\u202edetrevni\u202c",
        "../../../etc/passwd",
    )
)
#: Longer than anybody wants to keep.
LONG = TEXT + "A" * 1_000_000

#: What is no text in any encoding.
NO_TEXT = b"\xed\xa0\x80\xff\xfe"

#: Value representations that hold any text (PS3.5 Table 6.2-1).
_TEXTS = frozenset({"PN", "LO", "SH", "ST", "LT", "UT"})
_UNABLE_TO_PROCESS = 0x0110


def _name_itself_in_markup(association: Association) -> None:
    """Put markup into the Implementation Version Name, which holds 16 characters (PS3.7 D.3.3.2.3)."""
    support_known(association)
    association.acceptor.implementation_version_name = "<script>x=1</sc>"


def _comment_on_echo() -> Dataset:
    answer = Dataset()
    answer.Status = _UNABLE_TO_PROCESS
    answer.ErrorComment = MARKUP[:64]
    return answer


def _describe_in_markup(answers: list[Dataset]) -> list[Dataset]:
    for answer in answers:
        for element in answer:
            if element.VR in _TEXTS and element.value:
                element.value = LONG
        answer.PatientComments = LONG
    return answers


def _reply_in_markup(asked: Asked, made: Reply) -> Reply:
    """Fail with a page of markup where something rendered or described is asked for; say strange things elsewhere."""
    strange = (("Warning", f'299 x "{MARKUP}"'), ("Content-Disposition", 'attachment; filename="../../../etc/passwd"'))
    if asked.resource in (Resource.RENDERED, Resource.METADATA):
        body = Body((TEXT.encode(), NO_TEXT, LONG.encode()))
        return Reply(500, f"text/html; charset=utf-8; x={MARKUP!r}", body, strange)
    return replace(made, headers=(*made.headers, *strange))


_KEPT_TEXT = "".join(char for char in TEXT if char >= " ")[:60]
_HOSTILE = damaging(damage.change_header(PatientName=_KEPT_TEXT, StudyDescription=_KEPT_TEXT))

MUTANTS = (
    Mutant(
        "speaks-in-markup",
        "fills every text that it controls with markup, control characters, paths and formulas, and a million letters",
        replace(
            _HOSTILE,
            negotiate=_name_itself_in_markup,
            echo=_comment_on_echo,
            answers=_describe_in_markup,
            web=WebHooks(reply=_reply_in_markup),
        ),
    ),
)
