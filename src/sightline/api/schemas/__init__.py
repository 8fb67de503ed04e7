"""The shapes that the API accepts and returns, one module per noun. They are what OpenAPI documents."""
