"""The database: its start, its migrations, deterministic ids, and secrets at rest."""
