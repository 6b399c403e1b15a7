"""First-party plugins; each is discovered through the same entry-point group as third-party ones."""
