"""Dashboards as Grafana 10+ JSON with provisioning files. Start at `files.py`; panel kinds in `kinds.py`."""
