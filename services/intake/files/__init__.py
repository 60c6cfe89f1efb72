"""Files that people hand in: where they lie, what they are, what may be shown of them."""
