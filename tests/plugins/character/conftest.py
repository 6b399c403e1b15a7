"""A character with everything, and a stage on which it stands."""

from __future__ import annotations

import pytest

from tzurot.packs.compiled import Character

PACK = """\
schema: 1
name: Lighthouse
characters:
  - id: mara
    name: Mara
    aliases: [Keeper]
    profile:
      description: "{{char}} keeps the lamp, and has known {{user}} for years."
      personality: Dry, warm underneath.
      likes: Fog.
      sections:
        Secrets: |
          She writes letters.
          She never sends them.
    style: Short sentences.
    examples:
      - - user: Is it cold up there?
        - char: Only when I stop climbing.
      - - user: Hello?
    error_line: The lamp went out for a moment.
    plugins:
      character:
        leave_out: [Likes]
        reminder: Answer as {{ CHAR }}.
  - id: tam
    name: Tam
"""


@pytest.fixture
def pack() -> str:
    return PACK


@pytest.fixture
def character() -> Character:
    return Character(id="mara", pack="lighthouse", name="Mara", aliases=("Keeper",))
