"""The parent of all errors that are for people."""

from __future__ import annotations


class TzurotError(Exception):
    """An error whose message says who, what, why and what to do, in one line, and holds no secret.

    The command line shows it without a traceback.
    """
