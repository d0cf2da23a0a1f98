"""The real operations on a real database, in virtual time, before panels that know the truth."""
