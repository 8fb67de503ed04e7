"""The workspace as a semantic model of Apache Ossie (once Open Semantic Interchange). Start at `model.py`."""
