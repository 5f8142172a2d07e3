"""The designs that operators can start from: for each a drawing and the options of the PDF generator, in any colour."""
