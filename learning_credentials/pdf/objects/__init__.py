"""Objects of a PDF as bytes: their syntax, their encryption, and the file that holds them. It knows nothing of certificates."""
