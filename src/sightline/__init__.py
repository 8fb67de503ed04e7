"""Sightline: trusted numbers, what will happen, and what to do."""

__version__ = "0.1.0"
