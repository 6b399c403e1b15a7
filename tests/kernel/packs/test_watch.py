"""Saved means live: edits arrive by themselves, and the bot doesn't stall meanwhile."""

import asyncio
import shutil
import time
from contextlib import aclosing, asynccontextmanager

import pytest

from tzurot.packs.library import Library
from tzurot.packs.watch import watch

GOOD = "schema: 1\nname: {}\ncharacters:\n  - id: someone\n    name: Someone\n"
# The longest that one step of the event loop may wait for us, in CPU time of this process.
STEP_SECONDS = 0.020


@asynccontextmanager
async def watched(lib):
    """Changes of a library, once the watch stands: what was written before arrives first."""
    probe = lib.folders[0] / "probe"
    async with asyncio.timeout(60):
        async with aclosing(watch(lib)) as changes:
            upcoming = asyncio.ensure_future(anext(changes))
            await asyncio.to_thread(probe.mkdir)
            await asyncio.to_thread((probe / "pack.yaml").write_text, GOOD.format("Probe"))
            assert "probe" in (await upcoming).added
            yield changes


async def saved(changes, path, text):
    upcoming = asyncio.ensure_future(anext(changes))
    await asyncio.to_thread(path.write_text, text)
    return await upcoming


async def test_a_pack_is_edited_broken_mended_and_deleted_while_a_turn_holds_it(write, plugins):
    folder = write("p", GOOD.format("One"))
    lib = Library([folder.parent], plugins)
    lib.load()
    async with watched(lib) as changes:
        of_the_turn = lib.shelf.packs["p"]

        assert (await saved(changes, folder / "pack.yaml", GOOD.format("Two"))).changed == ("p",)
        assert lib.shelf.packs["p"].name == "Two"

        broken = await saved(changes, folder / "pack.yaml", GOOD.format("[") + "nmae: x\n")
        assert "pack.yaml:" in str(broken.problems["p"][0])
        assert lib.shelf.packs["p"].name == "Two"

        mended = await saved(changes, folder / "pack.yaml", GOOD.format("Three"))
        assert (mended.mended, lib.shelf.packs["p"].name) == (("p",), "Three")

        upcoming = asyncio.ensure_future(anext(changes))
        await asyncio.to_thread(shutil.rmtree, folder)
        assert (await upcoming).removed == ("p",)
        assert (of_the_turn.name, of_the_turn.characters[0].name) == ("One", "Someone")


async def test_an_editor_that_writes_beside_and_renames_is_followed(write, plugins):
    folder = write("p", GOOD.format("One"))
    lib = Library([folder.parent], plugins)
    lib.load()
    async with watched(lib) as changes:
        upcoming = asyncio.ensure_future(anext(changes))
        (folder / ".pack.yaml.swp").write_text(GOOD.format("Two"))
        (folder / ".pack.yaml.swp").replace(folder / "pack.yaml")
        assert (await upcoming).changed == ("p",)


async def test_what_was_written_before_the_watch_stood_is_not_missed(write, plugins):
    folder = write("p", GOOD.format("One"))
    lib = Library([folder.parent], plugins)
    lib.load()
    write("p", GOOD.format("Two"))
    async with asyncio.timeout(30):
        async with aclosing(watch(lib)) as changes:
            assert (await anext(changes)).changed == ("p",)


@pytest.mark.parametrize("others", [0, 1])
async def test_a_folder_of_packs_that_is_created_later_is_watched(write, tmp_path, plugins, others):
    folders = [tmp_path / "later", *[write("p").parent] * others]
    lib = Library(folders, plugins)
    lib.load()
    async with asyncio.timeout(60):
        async with aclosing(watch(lib)) as changes:
            upcoming = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)
            (folders[0] / "q").mkdir(parents=True)
            (folders[0] / "q" / "pack.yaml").write_text(GOOD.format("One"))
            assert (await upcoming).added == ("q",)
            assert (await saved(changes, folders[0] / "q" / "pack.yaml", GOOD.format("Two"))).changed == (
                "q",
            )


async def test_where_the_system_refuses_to_watch_folders_are_looked_at(write, plugins, monkeypatch, caplog):
    from tzurot.packs import watch as module

    def refuse_unless_polling(*roots, force_polling, **options):
        if not force_polling:
            raise OSError("inotify watch limit reached")
        return real(*roots, force_polling=True, **options)

    real = module.awatch
    monkeypatch.setattr(module, "awatch", refuse_unless_polling)
    folder = write("p", GOOD.format("One"))
    lib = Library([folder.parent], plugins)
    lib.load()
    async with watched(lib) as changes:
        assert (await saved(changes, folder / "pack.yaml", GOOD.format("Two"))).changed == ("p",)
    assert "packs can't be watched (inotify watch limit reached)" in caplog.text


@pytest.fixture
def thousand(tmp_path, plugins):
    for number in range(1000):
        folder = tmp_path / f"p{number}"
        folder.mkdir()
        (folder / "pack.yaml").write_text(GOOD.format("One"))
    lib = Library([tmp_path], plugins)
    lib.load()
    return lib


async def test_saved_is_live_within_300_ms_with_1000_packs(thousand):
    took = []
    async with watched(thousand) as changes:
        for number in range(5):
            started = time.perf_counter()
            await saved(changes, thousand.folders[0] / "p500" / "pack.yaml", GOOD.format(f"N{number}"))
            took.append(time.perf_counter() - started)
    # The best of five: other work on the machine must not fail what we measure of ourselves.
    assert min(took) <= 0.300, took


def entries(number):
    parts = [
        f"  - {{kind: keyword, keys: [word{n}, other{n}], text: Something about {n}.}}\n"
        for n in range(number)
    ]
    return GOOD.format("Big") + "plugins:\n lore:\n  entries:\n" + "".join(parts)


class Heart:
    """Beats on the event loop and notes the longest that a beat had to wait, in the process's CPU time.

    CPU time, because only what this process computes meanwhile is its own doing.
    """

    def __init__(self):
        self.waits = []

    async def __aenter__(self):
        self._task = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _beat(self):
        while True:
            started = time.process_time()
            await asyncio.sleep(0.002)
            self.waits.append(time.process_time() - started)


@pytest.mark.parametrize("broken", [False, True])
async def test_a_pack_of_5000_entries_does_not_hold_up_the_loop(write, plugins, broken):
    folder = write("p", GOOD.format("One"))
    lib = Library([folder.parent], plugins)
    lib.load()
    text = entries(5000) + ("nmae: x\n" if broken else "")
    longest = []
    async with watched(lib) as changes:
        for attempt in range(3):
            async with Heart() as heart:
                change = await saved(changes, folder / "pack.yaml", f"# {attempt}\n{text}")
            assert change.problems.get("p") if broken else change.changed == ("p",)
            longest.append(max(heart.waits))
    assert min(longest) <= STEP_SECONDS, longest
