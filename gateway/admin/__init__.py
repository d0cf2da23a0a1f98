"""The side door: the operators' pages, rendered here, at an address of their own."""
