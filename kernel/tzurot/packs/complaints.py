"""The YAML parser's terse complaints, put into sentences that say what to do."""

from __future__ import annotations

_BY_PROBLEM = {
    "mapping values are not allowed in this context": (
        "there is a ': ' or an indented key where none may stand.",
        "Put quotes round a text that contains ': ', or check the indentation of this line.",
    ),
    "block sequence entries are not allowed in this context": (
        "a list may not start on the line of its key.",
        "Put the '- ' on a line of its own, below the key.",
    ),
    "did not find expected ',' or ']'": (
        "this list is not closed.",
        "Add the missing ']' or ','.",
    ),
    "did not find expected ',' or '}'": (
        "this mapping is not closed.",
        "Add the missing '}' or ','.",
    ),
    "did not find expected key": (
        "this line doesn't belong to what stands above it.",
        "Check its indentation, and that quotes before it are closed (inside '…', write '' for ').",
    ),
    "did not find expected '-' indicator": (
        "this line stands among list items but is none.",
        "Start it with '- ', or check its indentation.",
    ),
    "could not find expected ':'": (
        "a key without ':' was found.",
        "Write 'key: value', with a space after the colon.",
    ),
    "found unexpected end of stream": (
        "a quoted text is never closed.",
        "Add the closing quote.",
    ),
    "found unknown escape character": (
        "a backslash in double quotes starts an escape that doesn't exist.",
        "Double the backslash, or use single quotes.",
    ),
    "found invalid Unicode character escape code": (
        "this escape names no character.",
        "Write the character itself.",
    ),
    "did not find expected hexdecimal number": (
        "this escape needs hexadecimal digits after it.",
        "Write the character itself, or double the backslash.",
    ),
    "found a tab character that violates indentation": (
        "this line is indented with a tab.",
        "Indent with spaces.",
    ),
    "did not find expected alphabetic or numeric character": (
        "'&' or '*' starts an anchor or alias, which packs don't use.",
        "Put quotes round the text.",
    ),
    "did not find expected comment or line break": (
        "text follows '|' or '>' on the same line.",
        "Start the text on the next line, indented.",
    ),
    "did not find expected node content": (
        "a value was expected here.",
        "Remove the stray character, or put quotes round the text.",
    ),
    "did not find expected <document start>": (
        "something follows after the end of the file's content.",
        "Remove the stray bracket or text.",
    ),
    "found unknown directive name": (
        "a line may not start with '%'.",
        "Put quotes round the text.",
    ),
}
_STARTS = {
    "\t": ("a tab stands where only spaces may.", "Indent with spaces."),
    "@": ("a text may not start with '@'.", "Put quotes round it."),
    "`": ("a text may not start with '`'.", "Put quotes round it."),
    "%": ("a text may not start with '%'.", "Put quotes round it."),
}


def explain(error: Exception, found: str) -> tuple[str, str]:
    """Say what the parser met and what to do; ``found`` is the character at the error's place."""
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
    if problem == "found character that cannot start any token":
        return _STARTS.get(found, (f"a text may not start with {found!r}.", "Put quotes round it."))
    if problem in _BY_PROBLEM:
        return _BY_PROBLEM[problem]
    return f"this can't be read as YAML ({problem or 'no reason given'}).", "Check this line."
