"""What the engine and issuing cost, measured against programs written the plain way: ``make bench``."""
