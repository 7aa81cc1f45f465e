"""Which matrix of claims speaks of a target that a run recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.core.claims import ProductClaims
from harness.core.results import TargetRecord

#: Products that records call otherwise than their matrix does: the id of the matrix.
_ALSO_CALLED = {"dcmtkdcmqrscp": "dcmtk", "awshealthimaging": "aws-healthimaging"}

#: Configurations of claims that the harness itself starts, by matrix; a target at a site has its own.
_OWN_CONFIGURATIONS = {"dcmtk": "dcmqrscp with compose/dcmtk"}

_OURS = ("container", "native")


@dataclass(frozen=True, slots=True)
class Named:
    """``id`` is that of the matrix, or made of the product's name; ``configuration`` is that of the claims."""

    id: str
    product: str
    configuration: str = ""


def named(record: TargetRecord, claims: Mapping[str, ProductClaims]) -> Named:
    """The matrix for a target, by the product's name."""
    id_ = product_id(record.product, claims.values())
    if id_ is None:
        return Named(_plain(record.product) or "unnamed", record.product or "unnamed")
    configuration = _OWN_CONFIGURATIONS.get(id_, "") if record.runtime in _OURS else ""
    return Named(id_, claims[id_].product, configuration)


def product_id(name: str, claims: Iterable[ProductClaims]) -> str | None:
    """The id of the matrix that is called so, with or without its vendor; None where there is none."""
    wanted = _plain(name)
    known: dict[str, str] = {}
    for product in claims:
        known |= {_plain(one): product.id for one in (f"{product.vendor} {product.product}", product.product)}
        known[_plain(product.id)] = product.id
    also = _ALSO_CALLED.get(wanted)
    return known.get(wanted) or (also if also in known.values() else None)


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
