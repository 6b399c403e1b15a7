"""From fragments and history to a request: token counts, attribution, budget and assembly, all of it pure."""
