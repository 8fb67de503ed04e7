"""What people do with accounts: one verb, one module. Permission, change and audit entry together."""
