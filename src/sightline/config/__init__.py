"""How an installation is put together: `options` (what people set), `settings` (Django's), `urls`."""
