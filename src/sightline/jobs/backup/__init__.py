"""A workspace in one file, and back: settings, definitions, lake, people, sources, history.

Start at `write.py` and `restore.py`; `archive.py` is the file's format, `lake_files.py` and `rows.py` what goes
into it.
"""
