"""All HTTP requests to Discord: routes, limits and the one egress through which they go."""
