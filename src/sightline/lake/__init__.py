"""The lake: Delta tables with write → audit → publish. The only place that touches Delta files."""
