"""Measure the cost of the PDF engine and of issuing, compared with simple programs: ``make bench``."""
