"""How a reply goes out, and what is left when it only half does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tzurot import Fragment, Manifest, NoConfig, Outbound, Plugin, Reply, Sent, Turn, hookimpl
from tzurot.testing.stage import Stage


class Excuse(Plugin[NoConfig]):
    """Words for a failed turn."""

    manifest = Manifest(name="excuse", summary="says sorry")

    @hookimpl
    async def turn_failed(self, turn: Turn, error: Exception) -> Reply:
        return Reply("Sorry.")


class Words(Plugin[NoConfig]):
    """Cuts a reply into words and can't send the word *you*."""

    manifest = Manifest(name="words", summary="word by word")

    @hookimpl
    async def chunk(self, turn: Turn, reply: Reply) -> Sequence[Outbound]:
        return [Outbound(turn.place, turn.character, word) for word in reply.text.split()]

    @hookimpl(tryfirst=True)
    async def deliver(self, turn: Turn, outbound: Outbound) -> Sent | None:
        if outbound.text.startswith("you"):
            raise RuntimeError("the line is cut")
        return None


async def test_what_went_out_counts_when_the_rest_could_not_be_sent():
    async with Stage.of(Words, Excuse) as stage:
        outcome = await stage.hear(stage.message("hello"))
        (result,) = outcome.results
        assert [o.text for o in stage.platform.sent] == ["I", "hear"]
        assert len(result.sent) == 2
        assert result.reply == Reply("I hear you.")
        assert "the line is cut" in str(result.error)


async def test_when_nothing_could_be_sent_the_failure_is_said():
    async with Stage.of(Words, Excuse) as stage:
        stage.model.script("you you")
        assert await stage.say("hello") == ["Sorry."]


async def test_a_fault_of_the_kernel_itself_is_said_too_and_keeps_its_traceback(caplog):
    class Strange(Plugin[NoConfig]):
        manifest = Manifest(name="strange", summary="gives a fragment that can't be assembled")

        @hookimpl
        async def build_context(self, turn: Turn) -> Iterable[Fragment]:
            return [Fragment("strange", 7)]  # type: ignore[arg-type]  # the lie under test

    async with Stage.of(Strange, Excuse) as stage:
        assert await stage.say("hello") == ["Sorry."]
        assert any(record.exc_info for record in caplog.records if "did not answer" in record.message)
