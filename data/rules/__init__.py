"""Rule tables: every number that decides something, one row each, with its source and licence."""
