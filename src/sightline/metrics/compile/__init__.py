"""Plan → SQL: one module per kind of leaf, then combine. Every table is a `statement.scan`, which applies policy."""
