"""The page of one document: the values of its placeholders, and where everything goes."""
