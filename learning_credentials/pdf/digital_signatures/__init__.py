"""Digital signatures of finished documents (PAdES). For pictures of signatories' signatures see `pdf.elements.signatories`."""
