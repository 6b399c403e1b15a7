"""Where log lines go, and what never gets into them."""

from __future__ import annotations

import logging
import sys


def to_stderr(level: str) -> None:
    """Log to standard error from ``level`` on; our own loggers at that level, others from WARNING on."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        force=True,
    )
    logging.getLogger("tzurot").setLevel(level.upper())
