"""Does the work of the app: one package for each area, which any view, task or shell can call through the facade."""
