"""``tzurot settings``: what can be set, what holds and where it comes from, and setting and locking it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import click

from tzurot.cli.opened import opened
from tzurot.cli.owners import (
    channel_option,
    character_option,
    found_character,
    guild_option,
    owner_of,
    thread_option,
    user_option,
)
from tzurot.packs.locate import parse
from tzurot.payloads.generation import JsonValue
from tzurot.settings.cascade import Resolved, Source, resolve
from tzurot.settings.fields import to_json
from tzurot.settings.kinds import nearest
from tzurot.settings.registry import CORE, AnyField
from tzurot.settings.scopes import Scope
from tzurot.storage.bags import Bag
from tzurot.turns.stored import SECONDS, Owner


@click.group()
def settings() -> None:
    """Look at model and behaviour settings, and set them for a guild, a channel or a person.

    What holds is what is set highest: built in, then the instance (tzurot.yaml), the character's pack, the
    guild, the channel, the person. A lock of a guild or channel stops everybody above it.
    """


@settings.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_settings(as_json: bool) -> None:
    """List every setting with what it takes, its default, and what it does."""
    if as_json:
        click.echo(json.dumps([_declared(field) for field in CORE], indent=2, ensure_ascii=False))
        return
    for field, before in zip(CORE, [None, *CORE], strict=False):
        if before is None or field.category != before.category:
            click.secho(f"{field.category}:", bold=True)
        click.echo(f"  {field.name} = {_written(to_json(field.default))}  ({field.expects})")
        click.echo(f"      {field.description}")


@settings.command()
@guild_option()
@channel_option()
@thread_option()
@user_option()
@character_option("Also what this character's pack says, and what the person set for it.")
@click.option("--changed", is_flag=True, help="Only what somebody has set or locked.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(
    guild: str | None,
    channel: str | None,
    thread: str | None,
    user: str | None,
    character: str | None,
    changed: bool,
    as_json: bool,
) -> None:
    """Show what holds for a guild, a channel, a person and a character together, and who set it."""
    places = ((Scope.GUILD, guild), (Scope.CHANNEL, channel), (Scope.CHANNEL, thread), (Scope.USER, user))
    owners = [(scope, owner) for scope, owner in places if owner is not None]
    resolved, problems = asyncio.run(_resolved(owners, character))
    names = [name for name in resolved if not changed or _touched(resolved, name)]
    if as_json:
        told = {"settings": {name: _told(resolved, name) for name in names}, "problems": problems}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    width = max((len(name) for name in names), default=0)
    for name in names:
        lock = resolved.lock(name)
        locked = f", locked by {lock}" if lock else ""
        click.echo(f"{name:<{width}}  {_written(to_json(resolved[name]))}  ({resolved.source(name)}{locked})")
        for ignored in resolved.ignored(name):
            click.echo(f"{'':<{width}}  ignored: {_written(to_json(ignored.value))} of {ignored.source}")
    for problem in problems:
        click.secho(f"not usable: {problem}", fg="yellow", err=True)


@settings.command("set")
@click.argument("name")
@click.argument("value")
@guild_option()
@channel_option()
@user_option()
@character_option("Only when this person talks with this character.")
def set_value(
    name: str, value: str, guild: str | None, channel: str | None, user: str | None, character: str | None
) -> None:
    """Set NAME to VALUE for a guild, a channel or a person.

    VALUE is written as in YAML: 0.7, true, off, [one, two]. A value that begins with - follows `--`:
    tzurot settings set --guild discord:1 -- presence_penalty -0.5
    """
    meant = _read(value)

    def edit(owner: Owner, bag: Bag) -> Bag:
        layer = CORE.read(*owner, {name: meant})
        if layer.problems:
            raise click.ClickException(str(layer.problems[0]))
        return replace(bag, values={**bag.values, **layer.as_json()})

    owner = _change(guild, channel, user, character, edit)
    click.echo(f"{name} is {_written(meant)} for {_words(owner)}; {_SOON}")


@settings.command()
@click.argument("name")
@guild_option()
@channel_option()
@user_option()
@character_option("Only when this person talks with this character.")
def unset(name: str, guild: str | None, channel: str | None, user: str | None, character: str | None) -> None:
    """Take back what was set for NAME; what is set below holds again."""

    def edit(owner: Owner, bag: Bag) -> Bag:
        if name not in bag.values:
            near = nearest(name, dict(bag.values))
            hint = f"Did you mean {near}?" if near else "See: tzurot settings show --changed."
            raise click.ClickException(f"{name} is not set for {_words(owner)}. {hint}")
        return replace(bag, values={key: each for key, each in bag.values.items() if key != name})

    owner = _change(guild, channel, user, character, edit)
    click.echo(f"{name} is not set any more for {_words(owner)}; {_SOON}")


@settings.command()
@click.argument("name")
@guild_option()
@channel_option()
def lock(name: str, guild: str | None, channel: str | None) -> None:
    """Lock NAME as it stands for a guild or a channel: nobody above changes it there."""
    owner = _lock(name, guild, channel, True)
    click.echo(f"{name} is locked for {_words(owner)}; {_SOON}")


@settings.command()
@click.argument("name")
@guild_option()
@channel_option()
def unlock(name: str, guild: str | None, channel: str | None) -> None:
    """Take the lock of a guild or a channel off NAME."""
    owner = _lock(name, guild, channel, False)
    click.echo(f"{name} is not locked any more for {_words(owner)}; {_SOON}")


_SOON = f"a running bot follows within {SECONDS:.0f} seconds."


def _lock(name: str, guild: str | None, channel: str | None, on: bool) -> Owner:
    def edit(owner: Owner, bag: Bag) -> Bag:
        if not on and name not in bag.locks:
            raise click.ClickException(f"{name} is not locked for {_words(owner)}.")
        if not on:
            return replace(bag, locks=bag.locks - {name})
        problems = CORE.read(*owner, {}, locks=[name]).problems
        if problems:
            raise click.ClickException(f"{name}: {problems[0].text}. {problems[0].remedy}".rstrip())
        return replace(bag, locks=bag.locks | {name})

    return _change(guild, channel, None, None, edit)


def _change(
    guild: str | None,
    channel: str | None,
    user: str | None,
    character: str | None,
    edit: Callable[[Owner, Bag], Bag],
) -> Owner:
    owner_of(guild, channel, user, character)  # asked for wrongly: said before anything is opened

    async def change() -> Owner:
        async with opened() as app:
            key = None
            if character is not None:
                await asyncio.to_thread(app.library.load)
                key = found_character(app, character).key
            owner = owner_of(guild, channel, user, key)
            await app.preparation.stored.change(owner, lambda bag: edit(owner, bag))
            return owner

    return asyncio.run(change())


async def _resolved(owners: list[Owner], wanted: str | None) -> tuple[Resolved, list[str]]:
    async with opened() as app:
        character = None
        if wanted is not None:
            await asyncio.to_thread(app.library.load)
            character = found_character(app, wanted)
            people = [owner for scope, owner in owners if scope is Scope.USER]
            owners = [*owners, *((Scope.USER_CHARACTER, f"{user}:{character.key}") for user in people)]
        layers = await app.preparation.layers(owners, character)
    problems = [f"{Source(layer.scope, layer.id)}: {each}" for layer in layers for each in layer.problems]
    return resolve(layers), problems


def _read(text: str) -> JsonValue:
    """A value as it is written in YAML."""
    document = parse(text, "VALUE")
    if document.problems:
        problem = document.problems[0]
        raise click.ClickException(f"{text!r} can't be read: {problem.text} {problem.remedy}".rstrip())
    value: JsonValue = document.value
    return value


def _written(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _words(owner: Owner) -> str:
    return str(Source(*owner))


def _touched(resolved: Resolved, name: str) -> bool:
    return resolved.source(name).scope is not Scope.BUILT_IN or resolved.lock(name) is not None


def _declared(field: AnyField) -> dict[str, JsonValue]:
    return {
        "name": field.name,
        "category": str(field.category),
        "expects": field.expects,
        "default": to_json(field.default),
        "scopes": [scope.name.lower() for scope in sorted(field.scopes)],
        "description": field.description,
    }


def _told(resolved: Resolved, name: str) -> dict[str, JsonValue]:
    lock = resolved.lock(name)
    return {
        "value": to_json(resolved[name]),
        "source": _source(resolved.source(name)),
        "lock": None if lock is None else _source(lock),
        "ignored": [
            {"value": to_json(each.value), "source": _source(each.source), "lock": _source(each.lock)}
            for each in resolved.ignored(name)
        ],
    }


def _source(source: Source) -> JsonValue:
    return {"scope": source.scope.name.lower(), "id": source.id}
