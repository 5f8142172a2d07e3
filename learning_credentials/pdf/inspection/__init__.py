"""Reads PDFs that strangers sent: their keywords, and the names in their digital signatures."""
