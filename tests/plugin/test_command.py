"""What can be done with the folder of a run."""

import pytest

from harness.plugin.command import main


def test_folder_without_record_is_said_in_one_line(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 4
    problem = capsys.readouterr().err
    assert str(tmp_path) in problem
    assert problem.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["report"]])
def test_wrong_use_shows_how_to_use_it(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 4
    assert "usage: pacs-harness" in capsys.readouterr().err
