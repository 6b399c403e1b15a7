"""Slash commands: declared to Discord, read from interactions, answered in time."""
