"""The sandbox: a pretend provider over real HTTP with a truth of its own, that breaks on demand."""
