"""The commands for people with arrays of their own, for checking, and for looking things up."""

__all__: list[str] = []
