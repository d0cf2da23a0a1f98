"""The back gate: the only room that calls providers, and says what became of each call."""
