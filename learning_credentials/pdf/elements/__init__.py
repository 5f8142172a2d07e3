"""Define the types of elements on a page, one module each: the options of the element, their checks, and what it draws.

A new type of element is a new module here, and a field of `PDFOptions` that lists it. Nothing here loads the engine when it is imported,
because Django reads the options at start-up.
"""
