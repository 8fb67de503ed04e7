"""Dashboards without a screen: selection → questions → view models that any renderer can show."""
