"""What no schema can say of a pack: ids and names told apart, an avatar that is there, a fit folder name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from tzurot.packs.folder import Folder
from tzurot.packs.messages import kind_of, shown
from tzurot.packs.models import PackFile, Profile
from tzurot.packs.problems import Finding, Refusal, Severity, Trail

VERSION = 1
AVATAR_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif")
AVATAR_BYTES = 8 * 1024 * 1024
_FOLDER_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


def unreadable(value: Any) -> Finding | None:
    """Why a pack's value can't be looked into at all: no mapping, or a format of the future."""
    if not isinstance(value, dict):
        found = {"null": "an empty file", "array": "a list"}.get(kind_of(value), "a single value")
        remedy = "Start it with 'schema: 1', 'name: …' and 'characters:'; mind the space after each colon."
        return Finding((), f"expected a pack's settings, found {found}.", remedy)
    version = value.get("schema")
    if isinstance(version, int) and version > VERSION:
        text = f"this pack uses schema {version}; this tzurot knows schema {VERSION}."
        return Finding(("schema",), text, "Upgrade tzurot.")
    return None


def beyond_schema(pack: PackFile, folder: Folder) -> list[Finding]:
    """Everything that only shows when the whole pack is looked at."""
    return [
        *_folder_name(folder),
        *_same_ids(pack),
        *_same_names(pack),
        *_avatars(pack, folder),
        *_sections(pack),
    ]


def _folder_name(folder: Folder) -> Iterator[Finding]:
    if not _FOLDER_NAME.fullmatch(folder.id):
        text = f"a pack is known by its folder's name, and {folder.id!r} is none that can be used."
        yield Finding((), text, "Rename the folder: small letters, digits, - and _, such as 'old-harbour'.")


def _same_ids(pack: PackFile) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, character in enumerate(pack.characters):
        if character.id in seen:
            text = f"{character.id!r} is already the id of character {seen[character.id] + 1}."
            yield Finding(("characters", index, "id"), text, "Give each character an id of its own.")
        seen.setdefault(character.id, index)


def _same_names(pack: PackFile) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for index, character in enumerate(pack.characters):
        names: list[tuple[Trail, str]] = [(("characters", index, "name"), character.name)]
        names += [(("characters", index, "aliases", at), alias) for at, alias in enumerate(character.aliases)]
        for trail, name in names:
            owner = seen.setdefault(name.casefold(), character.id)
            if owner != character.id:
                text = f"{owner!r} is called {name!r} as well, so nobody would know who is meant."
                yield Finding(trail, text, "Give one of them another name.")


def _avatars(pack: PackFile, folder: Folder) -> Iterator[Finding]:
    for index, character in enumerate(pack.characters):
        if character.avatar is not None and (fault := _avatar_fault(character.avatar, folder)):
            yield Finding(("characters", index, "avatar"), *fault)


def is_address(avatar: str) -> bool:
    """Whether an avatar is an address on the web, and no file of the pack."""
    return "://" in avatar


def _avatar_fault(avatar: str, folder: Folder) -> tuple[str, str] | None:
    if is_address(avatar):
        try:
            parts = urlsplit(avatar)
            fine = parts.scheme == "https" and bool(parts.hostname) and not re.search(r"\s", avatar)
        except ValueError:
            fine = False
        return (
            None
            if fine
            else (f"{shown(avatar)} is no https address.", "Write one that starts with https://.")
        )
    if not avatar.lower().endswith(AVATAR_ENDINGS):
        return f"{shown(avatar)} is no picture.", f"Use a file that ends in {', '.join(AVATAR_ENDINGS)}."
    try:
        size = folder.locate(avatar).stat().st_size
    except Refusal as refusal:
        return refusal.text, refusal.remedy
    except OSError as error:
        return f"{shown(avatar)} can't be read: {(error.strerror or str(error)).lower()}.", ""
    if size > AVATAR_BYTES:
        return f"the picture has {size:,} bytes; {AVATAR_BYTES:,} are the most.", "Make it smaller."
    return None


def _sections(pack: PackFile) -> Iterator[Finding]:
    standard = [name for name in Profile.model_fields if name != "sections"]
    for index, character in enumerate(pack.characters):
        for title in character.profile.sections:
            if title.casefold() in standard:
                trail = ("characters", index, "profile", "sections", title)
                text = f"{title!r} is a standard section."
                remedy = f"Write '{title.casefold()}:' directly under 'profile:'."
                yield Finding(trail, text, remedy, on_key=True, severity=Severity.WARNING)
