"""How dates and numbers are written: calendars, formats and numerals."""
