"""The phrase book: one file per spelling of the panel protocol, both directions, no I/O."""
