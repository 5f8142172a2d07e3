"""Make, sign, check and read Open Badges 3.0: documents, signatures, revocation lists and images.

The package takes values and returns values. It fetches and stores nothing. Documents conform to the data models of Open Badges 3.0 and
Verifiable Credentials 2.0. Proofs conform to Data Integrity with ``eddsa-rdfc-2022``.
"""
