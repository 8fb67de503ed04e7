"""What other tools read: Prometheus exposition and rules, Grafana dashboards, an Ossie semantic model."""
