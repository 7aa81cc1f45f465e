"""Clips for the tests of media: small ones of every recipe, made once a session."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest

from harness.catalogue.read import load_recipes
from harness.core.recipes import Recipe
from harness.media.encode import encode

RECIPES = load_recipes()


@dataclass(frozen=True)
class SmallClip:
    """An encoded clip that has not been examined."""

    recipe: Recipe
    path: Path
    frame_sizes: tuple[int, ...]


def small_recipe(id_: str) -> Recipe:
    """A recipe as it is, but for a short and small picture of the same kind."""
    return replace(RECIPES[id_], rows=240, columns=320, frames=26, sample_aspect=Fraction(1))


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], SmallClip]:
    """Gives the small clip of a recipe; tests must not write to its file."""
    folder = tmp_path_factory.mktemp("small-clips")
    made: dict[str, SmallClip] = {}

    def make(id_: str) -> SmallClip:
        if id_ not in made:
            recipe = small_recipe(id_)
            path = folder / f"{id_}.bin"
            made[id_] = SmallClip(recipe, path, encode(recipe, path))
        return made[id_]

    return make
