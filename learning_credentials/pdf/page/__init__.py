"""Make the page of one document: the values of its placeholders, and the places of everything."""
