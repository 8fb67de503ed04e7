"""The benchmark: generated leads, a dashboard of twelve panels, real HTTP, and the same SQL run directly beside it."""
