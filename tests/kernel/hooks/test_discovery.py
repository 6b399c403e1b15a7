"""Discovery: what is found is loaded in order, what can't be is left out with one line that says why."""

from __future__ import annotations

import dataclasses
import itertools
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzurot import API, Manifest, NoConfig, Plugin, hookimpl
from tzurot.hooks.discover import GROUP, Discovery, Found, discover, order

Offer = Callable[..., EntryPoint]
_numbers = itertools.count()


class Distribution:
    """What an entry point knows of the package that it came with."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version


def plugin(name: str, **manifest: Any) -> type[Plugin[NoConfig]]:
    given = Manifest(name=name, summary=f"the plugin {name}", **manifest)
    return type("Made", (Plugin,), {"manifest": given})


@pytest.fixture
def offer() -> Iterator[Offer]:
    """Makes entry points to whatever a test offers."""
    modules: list[str] = []

    def offer(name: str, what: object, distribution: str = "", version: str = "1.0") -> EntryPoint:
        module = ModuleType(f"offered_{next(_numbers)}")
        module.Thing = what  # type: ignore[attr-defined]  # a module made up on the spot
        sys.modules[module.__name__] = module
        modules.append(module.__name__)
        point = EntryPoint(name, f"{module.__name__}:Thing", GROUP)
        if distribution:
            vars(point).update(dist=Distribution(distribution, version))
        return point

    yield offer
    for name in modules:
        del sys.modules[name]


def names(discovery: Discovery) -> list[str]:
    return [found.manifest.name for found in discovery.found]


def test_what_is_installed_is_found_with_its_distribution():
    discovery = discover()
    assert discovery.refused == {}
    assert {found.distribution for found in discovery.found} >= {"tzurot"}
    assert "character" in names(discovery)


def test_a_package_that_can_not_be_imported_stops_nobody(offer: Offer):
    gone = EntryPoint("gone", "no_such_module_anywhere:Gone", GROUP)
    discovery = discover(points=[gone, offer("fine", plugin("fine"))])
    assert names(discovery) == ["fine"]
    assert discovery.refused["gone"] == (
        "gone can't be imported: ModuleNotFoundError: No module named 'no_such_module_anywhere'. "
        "Upgrade it or uninstall it."
    )


def test_a_package_whose_import_raises_is_named_with_its_version(offer: Offer, monkeypatch: Any):
    def fails(_: EntryPoint) -> Any:
        raise RuntimeError("no licence")

    point = offer("dear", plugin("dear"), "tzurot-dear", "2.1")
    monkeypatch.setattr(EntryPoint, "load", fails)
    assert (
        "tzurot-dear 2.1 can't be imported: RuntimeError: no licence."
        in discover(points=[point]).refused["dear"]
    )


@pytest.mark.parametrize("what", [object(), "text", dict, NoConfig])
def test_what_is_no_plugin_class_is_refused(offer: Offer, what: object):
    assert "which is no tzurot.Plugin class" in discover(points=[offer("odd", what)]).refused["odd"]


def test_a_plugin_without_a_manifest_is_refused(offer: Offer):
    bare = type("Bare", (Plugin,), {})
    assert (
        "Bare has no manifest. Add `manifest = Manifest(name=...)`."
        in (discover(points=[offer("bare", bare)]).refused["bare"])
    )


def test_a_manifest_of_another_name_is_refused(offer: Offer):
    refused = discover(points=[offer("one", plugin("two"), "tzurot-one")]).refused
    assert refused["one"] == (
        "tzurot-one 1.0: the manifest says 'two', the entry point 'one'. Give both the same name."
    )


def test_a_plugin_for_another_api_is_refused_with_what_to_upgrade(offer: Offer):
    newer, older = plugin("newer", api=API + 1), plugin("older", api=API - 1)
    refused = discover(
        points=[offer("newer", newer, "tzurot-newer", "3.0"), offer("older", older, "tzurot-older")]
    ).refused
    assert refused["newer"] == (
        f"tzurot-newer 3.0 was written for plugin API {API + 1}; this tzurot offers {API}. "
        "Upgrade tzurot, or install an older tzurot-newer."
    )
    assert refused["older"].endswith(f"this tzurot offers {API}. Upgrade tzurot-older.")


def test_a_misspelt_hook_is_refused_with_the_nearest(offer: Offer):
    @hookimpl
    async def build_contxt(self: Any, turn: Any) -> None: ...

    misspelt = type("Made", (plugin("typo"),), {"build_contxt": build_contxt})
    assert (
        "there is no hook 'build_contxt'. Did you mean 'build_context'?"
        in (discover(points=[offer("typo", misspelt)]).refused["typo"])
    )


def test_a_hook_of_the_wrong_colour_or_without_its_mark_is_refused(offer: Offer):
    @hookimpl
    def marked(self: Any, message: Any) -> None: ...

    async def gate(self: Any, message: Any) -> None: ...

    plain = type("Made", (plugin("plain"),), {"gate": marked})
    bare = type("Made", (plugin("bare"),), {"gate": gate})
    refused = discover(points=[offer("plain", plain), offer("bare", bare)]).refused
    assert refused["plain"] == "plain: gate must be an async function, not a plain function."
    assert refused["bare"] == "bare: gate is a hook but is not marked. Put @hookimpl above it."


def test_what_requires_something_missing_is_left_out_with_all_that_require_it(offer: Offer):
    points = [
        offer("a", plugin("a", requires=("b",))),
        offer("b", plugin("b", requires=("c", "missing"))),
        offer("c", plugin("c")),
    ]
    discovery = discover(points=points)
    assert names(discovery) == ["c"]
    assert discovery.refused["b"] == "b requires missing, which is not loaded. Install or mend that."
    assert discovery.refused["a"] == "a requires b, which is not loaded. Install or mend that."


def test_what_follows_something_missing_is_loaded(offer: Offer):
    assert names(discover(points=[offer("a", plugin("a", after=("missing",)))])) == ["a"]


def test_plugins_that_wait_for_one_another_are_refused_and_the_others_load(offer: Offer):
    points = [
        offer("a", plugin("a", requires=("b",))),
        offer("b", plugin("b", after=("c",))),
        offer("c", plugin("c", requires=("a",))),
        offer("d", plugin("d", requires=("a",))),
        offer("e", plugin("e")),
    ]
    discovery = discover(points=points)
    assert names(discovery) == ["e"]
    assert set(discovery.refused) == {"a", "b", "c", "d"}
    assert "plugins wait for one another: " in discovery.refused["b"]
    assert discovery.refused["d"] == "d requires a, which is not loaded. Install or mend that."


def test_of_two_packages_with_one_name_the_second_is_refused_and_both_are_named(offer: Offer):
    points = [
        offer("rain", plugin("rain"), "tzurot-rain", "1.0"),
        offer("rain", plugin("rain"), "tzurot-other-rain", "0.2"),
    ]
    discovery = discover(points=points)
    assert names(discovery) == ["rain"]
    assert discovery.refused["rain"] == (
        "rain is provided twice, by tzurot-rain 1.0 and by tzurot-other-rain 0.2. Uninstall one of them."
    )


def test_only_those_asked_for_are_imported_and_those_missing_are_named(offer: Offer):
    gone = EntryPoint("gone", "no_such_module_anywhere:Gone", GROUP)
    discovery = discover(["fine", "nowhere"], [gone, offer("fine", plugin("fine"))])
    assert names(discovery) == ["fine"]
    assert dict(discovery.refused) == {"nowhere": "nowhere is asked for by TZUROT_PLUGINS but not installed."}


def test_the_order_does_not_depend_on_the_order_of_the_entry_points(offer: Offer):
    points = [
        offer(name, plugin(name, after=after))
        for name, after in (("d", ()), ("b", ("d",)), ("a", ()), ("c", ("a", "b")))
    ]
    orders = {tuple(names(discover(points=each))) for each in itertools.permutations(points)}
    assert orders == {("a", "d", "b", "c")}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Found]:
    """Plugins that require and follow one another at random, also in circles."""
    letters = "abcdefgh"[: draw(st.integers(1, 8))]
    some = st.lists(st.sampled_from(letters), max_size=2, unique=True).map(tuple)
    found = {}
    for letter in letters:
        made = plugin(letter, requires=draw(some), after=draw(some))
        found[letter] = Found(made, "tests", "0")
    return found


@given(graphs())
def test_law_nobody_is_loaded_before_what_they_require_or_follow(found: dict[str, Found]):
    refused: dict[str, str] = {}
    ordered = list(order(found, refused))
    assert sorted([*ordered, *refused]) == sorted(found)
    for position, name in enumerate(ordered):
        manifest = found[name].manifest
        earlier = set(ordered[:position])
        assert set(manifest.requires) <= earlier
        assert set(manifest.after) & set(ordered) <= earlier


def test_a_manifest_can_not_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        plugin("a").manifest.name = "b"  # type: ignore[misc]  # the lie under test
