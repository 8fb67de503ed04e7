"""The pack language: schemas, loader, rules and the resolved catalog. Knows nothing of storage, queries or Django."""
