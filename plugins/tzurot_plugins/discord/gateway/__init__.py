"""The gateway: one connection per shard, which resumes whenever that is legal and identifies sparingly."""
