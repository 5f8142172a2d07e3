"""Open Badges 3.0: documents, signatures, revocation lists, images. Values in, values out; nothing is fetched or stored.

Documents conform to the Open Badges 3.0 and Verifiable Credentials 2.0 data models, proofs to Data Integrity ``eddsa-rdfc-2022``.
"""
