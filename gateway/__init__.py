"""The panel gateway."""
