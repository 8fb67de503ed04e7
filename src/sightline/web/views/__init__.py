"""One module per page: read the request, make one domain call, render."""
