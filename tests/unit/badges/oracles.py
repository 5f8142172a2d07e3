"""Calculate the canonical form with other programs."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pyoxigraph
from pyld import jsonld

from learning_credentials.badges.contexts import load_context

if TYPE_CHECKING:
    from collections.abc import Mapping


def ask_pyld(document: Mapping[str, Any]) -> str:
    """Return PyLD's canonical N-Quads with the same contexts."""

    def load(url: str, _options: object) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": copy.deepcopy(load_context(url))}

    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    return str(jsonld.normalize(copy.deepcopy(dict(document)), options))


def ask_oxigraph(statements: str) -> str:
    """Return Oxigraph's canonical form (RDFC-1.0) of N-Quads."""
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(statements, format=pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    lines = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).decode().split("\n")
    return "".join(sorted(f"{line}\n" for line in lines if line))
