"""Keys to seal with, and the authorities that vouch for them."""

from pathlib import Path

import trustme


class Authority:
    """An invented authority, whose certificate is ``trust``, with the key of a sealer."""

    def __init__(self, folder: Path, name: str, **wanted: object) -> None:
        self.trust, self.key = folder / f"{name}.ca.pem", folder / f"{name}.key.pem"
        authority = trustme.CA()
        leaf = authority.issue_cert(f"{name}.example", common_name=f"Sealer {name}", **wanted)  # type: ignore[arg-type]
        authority.cert_pem.write_to_path(str(self.trust))
        self.key.write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
        self.leaf = leaf
