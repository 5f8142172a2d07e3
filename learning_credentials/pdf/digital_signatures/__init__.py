"""Digital signatures of finished documents (PAdES). The pictures of signatories' signatures are another thing: see `signatories`."""
