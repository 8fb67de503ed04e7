"""Any HTTP API that answers with JSON. Start at `config.py`: what can be described."""
