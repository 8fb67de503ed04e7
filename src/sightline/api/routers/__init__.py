"""One module per noun: read the request, make one call, answer."""
