"""``tzurot doctor``: what is configured, reachable and missing, with the remedy for each."""

from __future__ import annotations

import asyncio
import json

import click

from tzurot.app import App
from tzurot.config import load
from tzurot.hooks.dispatch import From
from tzurot.payloads.contributions import Finding, State

_MARKS = {
    State.OK: ("✓", "green"),
    State.WARNING: ("!", "yellow"),
    State.FAILED: ("✗", "red"),
    State.OFF: ("–", ""),
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Say what is configured, reachable and missing, and what to do; exit with 1 if something failed."""
    findings = asyncio.run(_examine())
    if as_json:
        click.echo(json.dumps([_as_json(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            _show(finding.value)
    if any(finding.value.state is State.FAILED for finding in findings):
        raise SystemExit(1)


async def _examine() -> list[From[Finding]]:
    return await App(load()).examine()


def _as_json(finding: From[Finding]) -> dict[str, str]:
    value = finding.value
    return {
        "plugin": finding.plugin,
        "subject": value.subject,
        "state": str(value.state),
        "text": value.text,
        "remedy": value.remedy,
    }


def _show(finding: Finding) -> None:
    mark, colour = _MARKS[finding.state]
    click.secho(f"{mark} {finding.subject}: {finding.text}", fg=colour or None)
    if finding.remedy:
        click.echo(f"    {finding.remedy}")
