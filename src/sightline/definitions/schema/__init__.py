"""One module per kind of definition. Every model forbids unknown keys, so a typo is a problem and never a default."""
