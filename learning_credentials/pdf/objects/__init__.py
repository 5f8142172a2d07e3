"""Write PDF objects as bytes: their syntax, their encryption, and the file that contains them."""
