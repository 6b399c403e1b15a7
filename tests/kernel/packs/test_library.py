"""The shelf: what is loaded stays until something better is, and nothing changes under a running turn."""

import os

from tzurot.packs.library import Library, packs_in
from tzurot.packs.shelf import ShelfChange

GOOD = "schema: 1\nname: {}\ncharacters:\n  - id: someone\n    name: Someone\n"


def library(folder, plugins):
    made = Library([folder.parent], plugins)
    made.load()
    return made


def test_editing_breaking_mending_and_deleting_a_pack(write, plugins):
    folder = write("p", GOOD.format("One"))
    lib = library(folder, plugins)
    held = lib.shelf.packs["p"]

    write("p", GOOD.format("Two"))
    change = lib.refresh([folder / "pack.yaml"])
    assert (change.changed, lib.shelf.packs["p"].name, held.name) == (("p",), "Two", "One")

    second = lib.shelf.packs["p"]
    write("p", GOOD.format("Three").replace("id:", "di:"))
    change = lib.refresh([folder / "pack.yaml"])
    assert (change.added, change.changed, change.removed) == ((), (), ())
    assert lib.shelf.packs["p"] is second
    assert "pack.yaml:4:5: characters.0.di: 'di' is not a known setting" in str(lib.shelf.problems["p"][1])
    assert change.problems["p"] == lib.shelf.problems["p"]

    write("p", GOOD.format("Three"))
    change = lib.refresh([folder / "pack.yaml"])
    assert (change.changed, change.mended, dict(lib.shelf.problems)) == (("p",), ("p",), {})

    (folder / "pack.yaml").unlink()
    folder.rmdir()
    assert lib.refresh([folder / "pack.yaml"]).removed == ("p",)
    assert dict(lib.shelf.packs) == {}
    assert held.characters[0].name == "Someone"


def test_a_broken_edit_that_is_taken_back_keeps_the_pack_itself(write, plugins):
    folder = write("p", GOOD.format("One"))
    lib = library(folder, plugins)
    before = lib.shelf.packs["p"]
    write("p", "nonsense: [")
    lib.refresh([folder])
    write("p", GOOD.format("One"))
    change = lib.refresh([folder])
    assert lib.shelf.packs["p"] is before
    assert change == ShelfChange(mended=("p",))


def test_a_pack_that_is_written_again_unchanged_is_no_change(write, plugins):
    folder = write("p", GOOD.format("One"))
    lib = library(folder, plugins)
    before = lib.shelf
    write("p", GOOD.format("One"))
    assert not lib.refresh([folder / "pack.yaml"])
    assert not lib.load()
    assert lib.shelf is before


def test_an_edit_with_the_same_size_and_time_is_seen(write, plugins):
    folder = write("p", GOOD.format("One"))
    lib = library(folder, plugins)
    status = (folder / "pack.yaml").stat()
    write("p", GOOD.format("Two"))
    os.utime(folder / "pack.yaml", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert lib.load().changed == ("p",), "a look at young files proves nothing"
    write("p", GOOD.format("Six"))
    os.utime(folder / "pack.yaml", ns=(10**18, 10**18))
    assert lib.refresh([folder / "pack.yaml"]).changed == ("p",)
    write("p", GOOD.format("Ten"))
    os.utime(folder / "pack.yaml", ns=(10**18, 10**18))
    assert lib.refresh([folder / "pack.yaml"]).changed == ("p",), "a folder that was named is always read"


def test_a_file_written_while_it_is_read_is_read_again(write, plugins, monkeypatch):
    folder = write("p", GOOD.format("One"))
    from tzurot.packs import library as module

    reads = []

    def load_and_write(*given, **named):
        loaded = real(*given, **named)
        reads.append(loaded.pack.name)
        if len(reads) == 1:
            write("p", GOOD.format("Two"))
        return loaded

    real = module.load
    monkeypatch.setattr(module, "load", load_and_write)
    lib = library(folder, plugins)
    assert reads == ["One", "Two"]
    assert lib.shelf.packs["p"].name == "Two"
    assert not lib.load()


def test_prose_and_pictures_belong_to_a_pack(write, plugins):
    text = GOOD.format("One") + "    greeting: {file: g.md}\n    avatar: a.png\n"
    folder = write("p", text, **{"g.md": "Hello.", "a.png": "x"})
    lib = library(folder, plugins)
    (folder / "g.md").write_text("Goodbye.")
    assert lib.refresh([folder / "g.md"]).changed == ("p",)
    assert lib.shelf.packs["p"].characters[0].greeting == "Goodbye."
    (folder / "a.png").write_text("other")
    assert lib.refresh([folder / "a.png"]).changed == ("p",)


def test_only_what_was_touched_is_read_again(write, plugins):
    folder = write("p")
    other = write("q")
    lib = library(folder, plugins)
    write("p", GOOD.format("New"))
    write("q", GOOD.format("New"))
    assert lib.refresh([folder / "pack.yaml"]).changed == ("p",)
    assert lib.refresh([other / "pack.yaml"]).changed == ("q",)


def test_a_new_folder_is_found_whatever_path_was_named(write, plugins):
    lib = library(write("p"), plugins)
    folder = write("q")
    assert lib.refresh([folder.parent]).added == ("q",)


def test_the_earlier_of_two_packs_with_one_name_wins_with_a_warning(write, plugins, tmp_path):
    folder = write("p", GOOD.format("Mine"))
    other = tmp_path / "shipped" / "p"
    other.mkdir(parents=True)
    (other / "pack.yaml").write_text(GOOD.format("Theirs"))
    lib = Library([folder.parent, other.parent], plugins)
    lib.load()
    assert lib.shelf.packs["p"].name == "Mine"
    ((problem,),) = lib.shelf.problems.values()
    assert not problem.is_error
    assert "another pack called 'p' was found first" in str(problem)
    (folder / "pack.yaml").unlink()
    folder.rmdir()
    assert lib.refresh([folder]).changed == ("p",)
    assert lib.shelf.packs["p"].name == "Theirs"


def test_a_folder_may_be_a_pack_itself_and_hidden_folders_are_none(write):
    folder = write("p")
    write(".hidden")
    write("_old")
    assert packs_in(folder) == [folder]
    assert packs_in(folder.parent) == [folder]
    assert packs_in(folder / "nothing") == []


def test_a_mounted_volume_that_is_swapped_is_read_again(write, plugins, tmp_path):
    folder = write("p", GOOD.format("One"))
    for name in ("One", "Two"):
        volume = folder.parent / f"..{name}"
        volume.mkdir()
        (volume / "pack.yaml").write_text(GOOD.format(name))
    (folder / "pack.yaml").unlink()
    folder.rmdir()
    link = folder.parent / "..data"
    link.symlink_to("..One")
    folder.symlink_to("..data")
    lib = library(folder, plugins)
    link.unlink()
    link.symlink_to("..Two")
    assert lib.refresh([link]).changed == ("p",)


def test_a_character_is_found_by_key_id_name_and_alias(data, plugins):
    lib = Library([data / "large_cast", data / "small"], plugins)
    lib.load()
    shelf = lib.shelf
    assert {shelf.character(each).key for each in ("large_cast/one", "one", "ONE", "uno", "一")} == {
        "large_cast/one"
    }
    assert shelf.character("nobody") is None
    assert [each.key for each in shelf.characters()] == ["large_cast/one", "large_cast/two", "small/no"]
