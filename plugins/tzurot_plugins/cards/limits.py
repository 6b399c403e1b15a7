"""What a card may weigh, all of it judged before anything is decoded."""

from __future__ import annotations

FILE_BYTES = 48 * 1024 * 1024
"""A whole card file."""
TEXT_BYTES = 8 * 1024 * 1024
"""A card's JSON, in clear."""
OPENINGS = 500_000
"""Brackets and braces in a card's JSON: what it may unfold to in memory."""
COMMAS = 2_000_000
NESTING = 100
"""Levels of a card's JSON."""
CHUNKS = 10_000
"""Chunks of a PNG."""
SIDE = 16_384
"""Pixels of a picture's longer side."""
PIXELS = 64_000_000
MEMBERS = 4_000
"""Files in an archive."""
DIRECTORY_BYTES = 2 * 1024 * 1024
"""An archive's table of contents."""
MEMBER_BYTES = 50 * 1024 * 1024
UNPACKED_BYTES = 512 * 1024 * 1024
"""Everything in an archive, as its table of contents declares it."""
RATIO = 250
"""How far one file of an archive may unfold, once it is larger than ``RATIO_FROM``."""
RATIO_FROM = 1024 * 1024
PICTURE_BYTES = 8 * 1024 * 1024
"""The largest avatar that a pack may have."""
LORE_ENTRIES = 10_000
GREETINGS = 50
EXAMPLES = 50
EXAMPLE_LINES = 2_000
TAGS = 30
TEXT_CHARACTERS = 200_000
NAME_CHARACTERS = 80
"""A pack's names."""
TAG_CHARACTERS = 50
