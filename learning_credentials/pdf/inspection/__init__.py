"""What a PDF that a stranger sent says of itself."""
