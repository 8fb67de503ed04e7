"""Any database that SQLAlchemy speaks with: PostgreSQL and TimescaleDB, MySQL and MariaDB, SQLite."""
