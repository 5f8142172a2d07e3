"""One use case a module; callable from a view, a task or a shell."""
