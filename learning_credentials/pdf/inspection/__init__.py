"""Read PDFs from strangers: their keywords, and the names in their digital signatures."""
