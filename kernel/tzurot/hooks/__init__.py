"""How hooks are marked, found, ordered, checked and called; pluggy stores them, the kernel calls them."""
