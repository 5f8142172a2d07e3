"""Does the work of the app: one package for each area, entered through its door."""
