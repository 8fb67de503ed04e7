"""Salesforce. Start at `source.py`: how it is read, and why so."""
