"""The frozen dataclasses that hooks exchange; each module holds one stage's words."""
