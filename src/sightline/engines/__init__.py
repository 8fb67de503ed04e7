"""Engines run SQL and return Arrow. Each has a function map (exact where we say exact) and its capabilities."""
