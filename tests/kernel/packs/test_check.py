"""The report of ``tzurot check``, for people, scripts and GitHub."""

import json

import pytest

from tzurot.packs.check import check, render


def test_good_packs_are_all_good(data, grammar):
    report = check([data / "small", data / "large_cast" / "pack.yaml"], grammar)
    assert (report.exit_code, render(report)) == (0, "2 packs checked: all good.")


def test_text_names_every_problem_with_its_place_and_counts_them(data, grammar):
    report = check([data / "broken"], grammar)
    lines = render(report).splitlines()
    assert report.exit_code == 1
    assert lines[-1] == "1 pack checked: 21 errors, 1 warning."
    assert len(lines) == 23
    assert any("pack.yaml:19:3: warning: plugins.weather: " in line for line in lines)


def test_json_is_for_scripts(data, grammar):
    told = json.loads(render(check([data / "broken"], grammar), "json"))
    assert (told["packs"], told["errors"], told["warnings"]) == (1, 21, 1)
    first = told["problems"][0]
    assert first.pop("file").endswith("broken/lore/a.yaml")
    assert first == {
        "severity": "error",
        "line": 1,
        "column": 3,
        "path": "characters.2",
        "text": "'name' is missing.",
        "remedy": "Write 'name:' with text.",
    }


def test_github_marks_lines_and_escapes(write, grammar):
    folder = write("p", 'schema: 1\nname: P\n"100%\\n": x\ncharacters: [{id: a, name: A}]\n')
    line, _ = render(check([folder], grammar), "github").splitlines()
    assert line.startswith("::error file=")
    assert ",line=3,col=1::100%25%0A: '100%25\\n' is not a known setting here." in line


@pytest.mark.parametrize("missing", ["nothing", "nothing/pack.yaml"])
def test_a_path_without_a_pack_is_an_error(tmp_path, grammar, missing):
    report = check([tmp_path / missing], grammar)
    assert report.exit_code == 1
    assert "no pack" in render(report)


def test_a_folder_of_packs_is_checked_pack_by_pack(data, grammar):
    assert check([data], grammar).packs == 4
