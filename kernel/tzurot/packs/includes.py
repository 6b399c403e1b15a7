"""Putting a split pack together: prose from ``{file: mara.md}``, lists and mappings from ``{include: …}``.

Every value keeps the place it was written at, so that an error in an included file points into that file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tzurot.packs.folder import Folder
from tzurot.packs.locate import Document, parse
from tzurot.packs.problems import Finding, Problem, Refusal, Severity, Spot, Trail, dotted

PROSE_ENDINGS = (".md", ".txt")
YAML_ENDINGS = (".yaml", ".yml")


@dataclass(slots=True)
class Places:
    """Where the values of an assembled pack were written."""

    main: Document
    moved: dict[Trail, tuple[Document, Trail]] = field(default_factory=dict)

    def spot(self, trail: Trail, on_key: bool = False) -> Spot:
        """The place of a value or of its key, in the file where it stands."""
        for length in range(len(trail), 0, -1):
            found = self.moved.get(trail[:length])
            if found is not None:
                document, start = found
                return document.spot(start + trail[length:], on_key)
        return self.main.spot(trail, on_key)

    def problem(self, finding: Finding) -> Problem:
        """A finding with its place."""
        spot = self.spot(finding.trail, finding.on_key)
        return Problem(finding.severity, spot, dotted(finding.trail), finding.text, finding.remedy)


@dataclass(slots=True)
class Assembled:
    """A pack's whole value, from one file or many."""

    value: Any
    places: Places
    problems: tuple[Problem, ...]
    complete: bool = True
    """Whether everything could be read; otherwise much would seem to be missing."""


def read_pack(folder: Folder, name: str) -> Assembled:
    """Read a pack's main file and everything it includes."""
    file = folder.file(name)
    try:
        main = parse(folder.text(name), file)
    except Refusal as refusal:
        spot = refusal.spot or Spot(file)
        problem = Problem(Severity.ERROR, spot, "", refusal.text, refusal.remedy)
        return Assembled(None, Places(Document(file)), (problem,), complete=False)
    assembler = _Assembler(folder, main)
    value = assembler.value(main, main.value, (), ())
    complete = main.complete and assembler.complete
    return Assembled(value, assembler.places, (*main.problems, *assembler.problems), complete)


def _only_path(value: Any, key: str, endings: tuple[str, ...]) -> list[str] | None:
    """The paths of a mapping that is nothing but ``{key: path}`` or ``{key: [path, …]}``."""
    if not isinstance(value, dict) or len(value) != 1 or key not in value:
        return None
    paths = value[key] if isinstance(value[key], list) else [value[key]]
    if all(isinstance(path, str) and path.endswith(endings) for path in paths):
        return paths or None
    return None


class _Assembler:
    """Walks a pack's value and puts files in where they are named."""

    def __init__(self, folder: Folder, main: Document) -> None:
        self.folder = folder
        self.places = Places(main)
        self.problems: list[Problem] = []
        self.complete = True
        self._parsed: dict[str, Document] = {}

    def value(self, document: Document, value: Any, source: Trail, trail: Trail) -> Any:
        """The value with everything put in; ``source`` is its trail in the file, ``trail`` in the pack."""
        if isinstance(value, list):
            return self._list(document, value, source, trail)
        if not isinstance(value, dict):
            return value
        prose = _only_path(value, "file", PROSE_ENDINGS)
        if prose is not None and len(prose) == 1:
            return self._prose(document, prose[0], source, trail)
        if _only_path(value, "include", YAML_ENDINGS) is not None:
            return self._included_value(document, value, source, trail)
        return {key: self.value(document, each, (*source, key), (*trail, key)) for key, each in value.items()}

    def _list(self, document: Document, items: list[Any], source: Trail, trail: Trail) -> list[Any]:
        result: list[Any] = []
        shifted = False
        for index, item in enumerate(items):
            here = (*source, index)
            if _only_path(item, "include", YAML_ENDINGS) is None:
                there = (*trail, len(result))
                if shifted:
                    self.places.moved[there] = (document, here)
                result.append(self.value(document, item, here, there))
                continue
            shifted = True
            self._splice(result, self._documents(document, item, here), trail)
        return result

    def _splice(self, result: list[Any], parts: list[Document], trail: Trail) -> None:
        """Add to a list what included files hold: their items, or themselves."""
        for part in parts:
            pieces: list[tuple[Trail, Any]] = [((), part.value)]
            if isinstance(part.value, list):
                pieces = [((index,), each) for index, each in enumerate(part.value)]
            for start, piece in pieces:
                there = (*trail, len(result))
                self.places.moved[there] = (part, start)
                result.append(self.value(part, piece, start, there))

    def _included_value(self, document: Document, value: dict[str, Any], source: Trail, trail: Trail) -> Any:
        parts = self._documents(document, value, source)
        named = value["include"]
        if len(parts) == 1 and isinstance(named, str) and "*" not in named:
            self.places.moved[trail] = (parts[0], ())
            return self.value(parts[0], parts[0].value, (), trail)
        result: list[Any] = []
        self._splice(result, parts, trail)
        return result

    def _documents(self, document: Document, value: dict[str, Any], here: Trail) -> list[Document]:
        if document is not self.places.main:
            self.complete = False
            self._report(
                document,
                here,
                "an included file can't include another.",
                "List both files in the pack's main file.",
            )
            return []
        found: list[Document] = []
        for pattern in _only_path(value, "include", YAML_ENDINGS) or []:
            try:
                found.extend(self._document(name) for name in self.folder.matching(pattern))
            except Refusal as refusal:
                self.complete = False
                self._refuse(document, (*here, "include"), refusal)
        return found

    def _document(self, name: str) -> Document:
        if name in self._parsed:
            text = f"{name!r} is included twice."
            raise Refusal(text, "Remove one of the two.")
        part = parse(self.folder.text(name), self.folder.file(name))
        self._parsed[name] = part
        self.problems.extend(part.problems)
        self.complete = self.complete and part.complete
        return part

    def _prose(self, document: Document, name: str, source: Trail, trail: Trail) -> str:
        try:
            text = self.folder.text(name)
        except Refusal as refusal:
            self._refuse(document, (*source, "file"), refusal)
            return ""
        self.places.moved[trail] = (Document(self.folder.file(name), value=""), ())
        return text.strip()

    def _refuse(self, document: Document, here: Trail, refusal: Refusal) -> None:
        spot = refusal.spot or document.spot(here)
        self.problems.append(Problem(Severity.ERROR, spot, dotted(here), refusal.text, refusal.remedy))

    def _report(self, document: Document, here: Trail, text: str, remedy: str) -> None:
        spot = document.spot(here)
        self.problems.append(Problem(Severity.ERROR, spot, dotted(here), text, remedy))
