"""Plan → SQL: one module per kind of leaf, then combine. Every table comes from `statement.scan`, which applies policy."""
