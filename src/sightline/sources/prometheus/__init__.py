"""Prometheus: targets scraped, servers queried, and remote writes decoded."""
