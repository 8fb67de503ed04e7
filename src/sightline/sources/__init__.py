"""Connectors: rows out of other systems. Nothing here stores anything or knows of Django.

Start at `base.py`: what a connector is. One folder per connector; `catalogue.py` lists them. See README.md.
"""
