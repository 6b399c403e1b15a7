"""Nothing outside the folder is read, nothing too large, nothing that isn't text."""

import os
import time

import pytest

from tzurot.packs.load import load


def told(folder, grammar):
    loaded = load(folder, grammar)
    assert loaded.pack is None
    return [str(problem) for problem in loaded.problems]


def prose(name):
    return f"schema: 1\nname: P\ncharacters:\n  - id: a\n    name: A\n    greeting: {{file: {name}}}\n"


def test_a_file_of_100_mb_is_refused_without_being_read(write, grammar):
    folder = write()
    with (folder / "pack.yaml").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    started = time.process_time()
    (line,) = told(folder, grammar)
    assert time.process_time() - started < 0.5
    assert "pack.yaml:1:1: the file has 104,857,600 bytes; 1,048,576 are the most" in line


def test_prose_of_100_mb_is_refused_at_the_place_that_names_it(write, grammar):
    folder = write("p", prose("long.md"))
    with (folder / "long.md").open("wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    (line,) = told(folder, grammar)
    assert "long.md:1:1: " in line
    assert "104,857,600 bytes" in line


@pytest.mark.parametrize(
    "name", ["../secret.md", "/etc/hostname.md", "a/../../secret.md", "~/secret.md", "C:/x.md", "a\\b.md"]
)
def test_a_path_out_of_the_folder_is_refused(write, grammar, tmp_path, name):
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "secret.md").write_text("secret")
    folder = write("p", prose(f"'{name}'"), **{"a/x.md": "x"})
    (line,) = told(folder, grammar)
    assert "pack.yaml:6:22: characters.0.greeting.file: " in line
    assert "secret." not in line.replace(name, "")


@pytest.mark.parametrize("linked", ["file", "folder", "pack.yaml"])
def test_a_symlink_out_of_the_folder_is_refused(write, grammar, tmp_path, linked):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret")
    (outside / "pack.yaml").write_text("name: secret")
    folder = write("p", prose("sub/secret.md"))
    if linked == "pack.yaml":
        (folder / "pack.yaml").unlink()
        (folder / "pack.yaml").symlink_to(outside / "pack.yaml")
    elif linked == "folder":
        (folder / "sub").symlink_to(outside)
    else:
        (folder / "sub").mkdir()
        (folder / "sub" / "secret.md").symlink_to(outside / "secret.md")
    (line,) = told(folder, grammar)
    assert "leads out of the pack's folder. Copy the file into the pack." in line


def test_a_link_within_the_folder_is_followed(write, grammar):
    folder = write("p", prose("linked.md"), **{"real.md": "Hello."})
    (folder / "linked.md").symlink_to(folder / "real.md")
    pack = load(folder, grammar).pack
    assert pack is not None
    assert pack.characters[0].greeting == "Hello."


def test_a_link_to_itself_is_refused(write, grammar):
    folder = write("p", prose("loop.md"))
    (folder / "loop.md").symlink_to(folder / "loop.md")
    (line,) = told(folder, grammar)
    assert "loop.md" in line


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_and_not_waited_for(write, grammar):
    folder = write()
    (folder / "pack.yaml").unlink()
    os.mkfifo(folder / "pack.yaml")
    (line,) = told(folder, grammar)
    assert "is no file" in line


def test_text_that_is_not_utf_8_is_located(write, grammar):
    folder = write()
    (folder / "pack.yaml").write_bytes(b"schema: 1\nname: " + b"caf\xe9\n")
    (line,) = told(folder, grammar)
    assert "pack.yaml:2:10: the file isn't UTF-8 text. Save it as UTF-8." in line


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(write, grammar):
    folder = write()
    text = (folder / "pack.yaml").read_text()
    (folder / "pack.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load(folder, grammar).problems == ()


def test_a_file_that_is_missing_gets_a_near_name_suggested(write, grammar):
    (line,) = told(write("p", prose("greting.md"), **{"greeting.md": "x"}), grammar)
    assert line.endswith("there is no file 'greting.md' in this pack. Did you mean 'greeting.md'?")


def test_one_pack_may_not_read_without_end(write, grammar):
    items = "\n".join(f"  - {{file: long.md}} # {n}" for n in range(40))
    text = f"schema: 1\nname: P\ncharacters:\n- id: a\n  name: A\n  greetings:\n{items}\n"
    lines = told(write("p", text, **{"long.md": "x" * 1_000_000}), grammar)
    assert "this pack's files have more than 16,777,216 characters altogether" in lines[0]
