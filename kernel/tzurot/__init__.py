"""The public API of tzurot: what a plugin may import."""
