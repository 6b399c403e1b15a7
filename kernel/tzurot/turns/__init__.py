"""From a message to a delivered reply: the only room that knows the order of the hooks."""
