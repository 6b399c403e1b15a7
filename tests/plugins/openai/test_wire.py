"""What servers send, in all the shapes they send it, and the bodies that they are sent."""

from __future__ import annotations

import json

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plugins.openai.conftest import KEY, chunk, gather, request_with, sse, text_of, turn_with

from tzurot.payloads.generation import Finish, ToolCallPart, ToolSpec, Usage
from tzurot_plugins.openai.chunks import Reading

STOP = chunk(finish="stop")


async def test_a_stream_becomes_deltas_with_finish_usage_and_the_real_model(bench):
    usage = {
        "prompt_tokens": 12,
        "completion_tokens": 3,
        "cost": 0.00021,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    asked = bench(sse(chunk("Good "), chunk("evening."), STOP, {"choices": [], "usage": usage}))
    deltas = await asked.ask()
    assert [d.text for d in deltas if d.text] == ["Good ", "evening."]
    assert deltas[-1].finish is Finish.STOP
    assert deltas[-1].usage == Usage(12, 3, cached=8, reasoning=2, cost=0.00021)
    assert deltas[-1].model == "m/real"
    assert asked.requests[0].headers["authorization"] == f"Bearer {KEY}"


async def test_comments_odd_line_ends_and_many_alphabets_do_no_harm(bench):
    line = json.dumps(chunk("Grüße, 世界 🜁"), ensure_ascii=False)
    stream = f": OPENROUTER PROCESSING\r\n\r\ndata:   {line}\r\n\r\n"
    assert text_of(await bench(sse(stream, STOP)).ask()) == "Grüße, 世界 🜁"


async def test_a_server_that_does_not_stream_is_understood(bench):
    whole = {
        "choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5},
    }
    deltas = await bench(httpx2.Response(200, json=whole)).ask()
    assert text_of(deltas) == "Hello."
    assert deltas[-1].usage == Usage(5)


@pytest.mark.parametrize(
    "said",
    [
        [chunk(reasoning="hm"), chunk("Hi")],
        [chunk(reasoning_content="hm"), chunk("Hi")],
        [chunk(reasoning_details=[{"type": "reasoning.text", "text": "hm"}], reasoning="hm"), chunk("Hi")],
        [chunk(reasoning_details=[{"type": "reasoning.summary", "summary": "hm"}]), chunk("Hi")],
        [
            chunk(reasoning_details=[{"type": "reasoning.encrypted", "data": "x"}], reasoning="hm"),
            chunk("Hi"),
        ],
        [
            chunk(
                [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                    {"type": "text", "text": "Hi"},
                ]
            )
        ],
        [chunk([{"type": "thinking", "thinking": "hm"}]), chunk("Hi")],
        [chunk("<thi"), chunk("nk>hm</th"), chunk("ink>\n\nHi")],
        [chunk("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hi")],
    ],
)
async def test_thinking_is_kept_apart_from_the_answer(bench, said):
    deltas = await bench(sse(*said, STOP)).ask()
    assert text_of(deltas) == "Hi"
    assert "".join(d.reasoning for d in deltas) == "hm"


async def test_thinking_that_was_taken_for_text_is_cut_out_of_the_reply_and_held_back_next_time(bench):
    from tzurot.payloads.delivery import Reply

    asked = bench(sse(chunk("They greet me. "), chunk("I greet back.</think>\n\n"), chunk("Hi"), STOP))
    turn = turn_with()
    deltas = await gather(asked.plugin.generate(turn, request_with(turn)))
    reply = await asked.plugin.edit_reply(turn, Reply(text_of(deltas)))
    assert reply is not None and reply.text == "Hi"
    again = await asked.ask()
    assert text_of(again) == "Hi"
    assert "".join(d.reasoning for d in again) == "They greet me. I greet back."


async def test_tool_calls_come_out_in_parts(bench):
    first = {"index": 0, "id": "c1", "function": {"name": "roll", "arguments": ""}}
    more = {"index": 0, "function": {"arguments": '{"sides": 6}'}}
    asked = bench(sse(chunk(tool_calls=[first]), chunk(tool_calls=[more]), chunk(finish="tool_calls")))
    tool = ToolSpec("roll", "Roll a die.", {"type": "object"})
    deltas = await asked.ask(tools=(tool,))
    assert [d.tool for d in deltas if d.tool] == [
        ToolCallPart(0, "c1", "roll"),
        ToolCallPart(0, arguments='{"sides": 6}'),
    ]
    assert deltas[-1].finish is Finish.TOOL_CALLS
    assert asked.bodies[0]["tools"] == [
        {
            "type": "function",
            "function": {"name": "roll", "description": "Roll a die.", "parameters": {"type": "object"}},
        }
    ]


async def test_tool_calls_without_an_index_and_with_an_object_for_arguments_are_told_apart(bench):
    calls = [
        {"index": None, "id": "a", "function": {"name": "one", "arguments": {"x": 1}}},
        {"index": None, "id": "b", "function": {"name": "two", "arguments": None}},
    ]
    deltas = await bench(sse(chunk(tool_calls=calls), chunk(finish="tool_calls"))).ask()
    assert [d.tool for d in deltas if d.tool] == [
        ToolCallPart(0, "a", "one", '{"x": 1}'),
        ToolCallPart(1, "b", "two", ""),
    ]


KEYS = [
    *("choices", "delta", "message", "content", "reasoning", "reasoning_details", "tool_calls", "function"),
    *("arguments", "usage", "finish_reason", "text", "thinking", "error", "index", "id", "model"),
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(json_values, max_size=4))
def test_no_garbage_in_chunks_breaks_the_reading(chunks):
    reading = Reading()
    for each in chunks:
        list(reading.read(each))
    list(reading.close())


async def test_names_go_only_to_servers_that_know_them_and_only_if_they_are_plain(bench):
    assert "name" not in (await sent(bench(sse(chunk("Hi"), STOP))))["messages"][1]
    known = bench(sse(chunk("Hi"), STOP), dialect="openai")
    assert (await sent(known))["messages"][1] == {"role": "user", "content": "Hello", "name": "Noa"}


async def test_openrouter_is_told_who_asks_and_what_the_operator_wants(bench):
    asked = bench(
        sse(chunk("Hi"), STOP),
        base_url="https://openrouter.ai/api/v1",
        app_url="https://tzurot.example",
        extra_body={"provider": {"data_collection": "deny"}},
    )
    body = await sent(asked, {"transforms": ["middle-out"], "thinking": "low"})
    assert body["provider"] == {"data_collection": "deny"}
    assert body["plugins"] == [{"id": "context-compression"}]
    assert body["reasoning"] == {"effort": "low"}
    assert asked.requests[0].headers["x-title"] == "tzurot"
    assert asked.requests[0].headers["http-referer"] == "https://tzurot.example"


async def test_a_thinking_budget_never_fills_the_answers_limit(bench):
    asked = bench(sse(chunk("Hi"), STOP), dialect="openrouter")
    body = await sent(asked, {"reasoning": {"max_tokens": 8000}, "max_tokens": 1000})
    assert body["max_tokens"] == 9000


async def test_the_question_for_usage_can_be_left_out(bench):
    assert (await sent(bench(sse(chunk("Hi"), STOP))))["stream_options"] == {"include_usage": True}
    assert "stream_options" not in await sent(bench(sse(chunk("Hi"), STOP), stream_options=False))


async def test_only_parameters_that_the_catalogue_names_are_sent(bench):
    card = {"id": "m/one", "context_length": 8192, "supported_parameters": ["temperature", "max_tokens"]}
    asked = bench(sse(chunk("Hi"), STOP), models={"data": [card]})
    await asked.plugin.backend.catalogue.refresh(await asked.plugin.clients.of(asked.plugin.backend.server))
    tool = ToolSpec("roll", "Roll a die.", {"type": "object"})
    body = await sent(asked, {"top_k": 5, "temperature": 1}, tools=(tool,), model="m/one:free")
    assert body["temperature"] == 1
    assert not {"top_k", "tools"} & set(body)
    (tokenizer,) = asked.plugin.tokenizers()
    assert tokenizer.fits("m/one") and tokenizer.window("m/one") == 8192
    assert tokenizer.fits("m/two") and tokenizer.window("m/two") is None
    assert not tokenizer.fits("local")


async def sent(asked, settings=None, **changes):
    await asked.ask(settings, **changes)
    return asked.bodies[0]
