"""Reading a source into the lake: plan, read, store page by page, follow deletes, compare counts.

Start at `run.py`. `plan.py` decides everything beforehand and is pure.
"""
