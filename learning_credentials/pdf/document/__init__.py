"""Make the document around the page: its catalog, resources and metadata."""
