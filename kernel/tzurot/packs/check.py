"""``tzurot check``: everything that is wrong with some packs, for people and for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tzurot.packs.folder import PACK_FILE, shown
from tzurot.packs.grammar import Grammar
from tzurot.packs.library import packs_in
from tzurot.packs.load import Lint, load
from tzurot.packs.problems import Problem, Severity, Spot, errors, in_order

FORMATS = ("text", "json", "github")


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, in order of file and line."""

    packs: int
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Only those that keep a pack out."""
        return errors(self.problems)

    @property
    def exit_code(self) -> int:
        """What the command ends with: 1 if there is any error."""
        return 1 if self.errors else 0


def check(paths: Sequence[Path], grammar: Grammar, lints: Sequence[Lint] = ()) -> Report:
    """Check packs, ``pack.yaml`` files and folders of packs."""
    problems: list[Problem] = []
    folders: dict[Path, None] = {}
    for path in paths:
        found = packs_in(path.parent if path.name == PACK_FILE else path)
        folders |= dict.fromkeys(found)
        if not found:
            what = "there is no pack" if path.exists() else "nothing is there, so no pack either"
            remedy = f"Name a folder with a {PACK_FILE}, or one that holds such folders."
            problems.append(Problem(Severity.ERROR, Spot(shown(path)), "", f"{what}.", remedy))
    for folder in folders:
        problems.extend(load(folder, grammar, lints=lints).problems)
    return Report(len(folders), in_order(problems))


def render(report: Report, form: str = "text") -> str:
    """The report as text for people, JSON for scripts, or annotations for GitHub."""
    return {"text": _text, "json": _json, "github": _github}[form](report)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _summary(report: Report) -> str:
    wrong = len(report.errors)
    warnings = len(report.problems) - wrong
    said = [_counted(wrong, "error")] if wrong else []
    said += [_counted(warnings, "warning")] if warnings else []
    return f"{_counted(report.packs, 'pack')} checked: {', '.join(said) or 'all good'}."


def _text(report: Report) -> str:
    lines = [
        str(problem) if problem.is_error else f"{_place(problem)}: warning: {problem.sentence}"
        for problem in report.problems
    ]
    return "\n".join([*lines, _summary(report)])


def _place(problem: Problem) -> str:
    return f"{problem.spot.file}:{problem.spot.line}:{problem.spot.column}"


def _json(report: Report) -> str:
    return json.dumps(
        {
            "packs": report.packs,
            "errors": len(report.errors),
            "warnings": len(report.problems) - len(report.errors),
            "problems": [_as_json(problem) for problem in report.problems],
        },
        indent=2,
        ensure_ascii=False,
    )


def _as_json(problem: Problem) -> dict[str, str | int]:
    return {
        "severity": problem.severity.value,
        "file": problem.spot.file,
        "line": problem.spot.line,
        "column": problem.spot.column,
        "path": problem.path,
        "text": problem.text,
        "remedy": problem.remedy,
    }


def _github(report: Report) -> str:
    lines = []
    for problem in report.problems:
        file = _escaped(problem.spot.file).replace(":", "%3A").replace(",", "%2C")
        place = f"file={file},line={problem.spot.line},col={problem.spot.column}"
        lines.append(f"::{problem.severity.value} {place}::{_escaped(problem.sentence)}")
    return "\n".join([*lines, _summary(report)])


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
