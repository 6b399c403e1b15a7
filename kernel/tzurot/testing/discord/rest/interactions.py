"""Answers to interactions over HTTP: the callback, the original response, follow-ups."""

from __future__ import annotations

from typing import Any

from tzurot.testing.discord import message_payloads, posting
from tzurot.testing.discord.call import Call
from tzurot.testing.discord.errors import ApiError, invalid, refuse
from tzurot.testing.discord.interaction import Answer, Interaction, InteractionKind
from tzurot.testing.discord.message import EPHEMERAL, Message
from tzurot.testing.discord.rest.drafts import draft
from tzurot.testing.discord.rest.messages import apply_edit
from tzurot.testing.discord.routes import Route

CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
FOLLOW_UP = "IncomingWebhookRequestPartial"
SCHEMAS = {
    1: "PongInteractionCallbackRequest",
    4: "CreateMessageInteractionCallbackRequest",
    5: "CreateMessageInteractionCallbackRequest",
    6: "UpdateMessageInteractionCallbackRequest",
    7: "UpdateMessageInteractionCallbackRequest",
    8: "ApplicationCommandAutocompleteCallbackRequest",
    9: "ModalInteractionCallbackRequest",
}
ALLOWED: dict[InteractionKind, frozenset[Answer]] = {
    InteractionKind.COMMAND: frozenset({Answer.MESSAGE, Answer.DEFERRED_MESSAGE, Answer.MODAL}),
    InteractionKind.COMPONENT: frozenset(Answer) - {Answer.PONG, Answer.AUTOCOMPLETE},
    InteractionKind.AUTOCOMPLETE: frozenset({Answer.AUTOCOMPLETE}),
    InteractionKind.MODAL: frozenset(Answer) - {Answer.PONG, Answer.AUTOCOMPLETE, Answer.MODAL},
}


def of(call: Call) -> Interaction | None:
    """The interaction whose token stands where a webhook's would."""
    if call.params["webhook_id"] not in call.world.bots:
        return None
    found = call.world.interactions.by_token.get(call.params["webhook_token"])
    if found is None or found.expired or found.answer is None:
        raise refuse(10015)
    return found


def respond(call: Call) -> dict[str, Any] | None:
    """Acknowledge an interaction, which goes once only."""
    found = call.world.interactions.by_token.get(call.params["interaction_token"])
    if found is None or found.id != call.params["interaction_id"] or found.expired:
        raise refuse(10062)
    if found.answer is not None:
        raise refuse(40060)
    answer = Answer(call.body["type"])
    if answer not in ALLOWED[found.kind]:
        raise invalid(
            "type", "INTERACTION_TYPE_INVALID", f"This interaction can't be answered with {answer}."
        )
    call.body = call.body.get("data") or {}
    _ACT[answer](call, found)
    found.answer, found.answer_data = answer, call.body
    if not call.flag("with_response"):
        return None
    call.status = 200
    resource: dict[str, Any] = {"type": int(answer)}
    if found.response is not None:
        resource["message"] = message_payloads.message(found.response)
    return {
        "interaction": {
            "id": found.id,
            "type": int(found.kind),
            "response_message_loading": found.waiting,
            "response_message_ephemeral": bool(found.deferred_flags & EPHEMERAL),
        },
        "resource": resource,
    }


def _respond_with_message(call: Call, found: Interaction) -> None:
    found.response = _post(call, found)


def _defer(call: Call, found: Interaction) -> None:
    found.deferred_flags = (call.body.get("flags") or 0) & EPHEMERAL


def _defer_update(call: Call, found: Interaction) -> None:
    found.response = found.message


def _update(call: Call, found: Interaction) -> None:
    if found.message is None:
        raise refuse(10008)
    apply_edit(found.message, call.body)
    found.response = found.message


def _nothing(call: Call, found: Interaction) -> None:
    """A modal or a list of choices shows no message."""


_ACT = {
    Answer.MESSAGE: _respond_with_message,
    Answer.DEFERRED_MESSAGE: _defer,
    Answer.DEFERRED_UPDATE: _defer_update,
    Answer.UPDATE: _update,
    Answer.AUTOCOMPLETE: _nothing,
    Answer.MODAL: _nothing,
    Answer.PONG: _nothing,
}


def follow_up(call: Call, found: Interaction) -> dict[str, Any]:
    """Send a further message; the first after a deferral takes the place of "is thinking"."""
    first = found.waiting
    message = _post(call, found, found.deferred_flags if first else 0)
    if first:
        found.response = message
    else:
        found.followups.append(message)
    return message_payloads.message(message)


def message_of(call: Call, found: Interaction) -> Message:
    """The message in the path: ``@original``, or a follow-up's id."""
    wanted = call.params["message_id"]
    own = [one for one in (found.response, *found.followups) if one is not None and not one.deleted]
    if wanted == "@original":
        if found.waiting and call.body is not None:
            # Editing the original of a deferred response is how the response is given.
            found.response = _post(call, found, found.deferred_flags)
        if found.response is None or found.response.deleted:
            raise refuse(10008)
        return found.response
    for message in own:
        if message.id == wanted:
            return message
    raise refuse(10008)


def _post(call: Call, found: Interaction, flags: int = 0) -> Message:
    made = draft(call, found.channel, found.bot)
    message = made.message
    message.interaction = found
    message.flags |= flags
    message.kind = 20 if found.kind is InteractionKind.COMMAND else 0
    return posting.post(message, made.attachments, made.allowed)


def _schema(call: Call) -> str | None:
    kind = call.body.get("type") if isinstance(call.body, dict) else None
    if kind not in SCHEMAS:
        raise ApiError(400, 50035, "Invalid Form Body", {"errors": {"type": _not_a_choice()}})
    return SCHEMAS[kind]


def _not_a_choice() -> dict[str, Any]:
    text = f"Value must be one of {tuple(SCHEMAS)}."
    return {"_errors": [{"code": "BASE_TYPE_CHOICES", "message": text}]}


ROUTES = (Route("POST", CALLBACK, respond, schema=_schema, auth=False, limited=False),)
