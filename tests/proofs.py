"""The examples of a test that say the same again: `make proofs` tries them, and CI some of them in turn."""

from __future__ import annotations

from typing import Any

import pytest


def as_proofs(*examples: Any) -> list[Any]:
    """Return examples of a parametrised test, each a value or a tuple of values, that are tried as proofs."""
    values = [example if isinstance(example, tuple) else (example,) for example in examples]
    return [pytest.param(*value, marks=pytest.mark.proofs) for value in values]
