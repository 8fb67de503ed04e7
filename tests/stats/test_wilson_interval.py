"""The interval of a share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sightline.errors import InternalError
from sightline.stats.proportion import wilson


@pytest.mark.req("PRG-3.10")
@given(n=st.integers(1, 2000), data=st.data(), confidence=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_interval_equals_the_independent_implementation(n: int, data: st.DataObject, confidence: float) -> None:
    successes = data.draw(st.integers(0, n))
    ours = wilson(successes=successes, n=n, confidence=confidence)
    theirs = binomtest(successes, n).proportion_ci(confidence_level=confidence, method="wilson")
    assert ours.low == pytest.approx(theirs.low, abs=1e-12)
    assert ours.high == pytest.approx(theirs.high, abs=1e-12)


@given(n=st.integers(1, 500), data=st.data())
def test_the_rate_lies_in_the_interval_and_the_interval_in_zero_to_one(n: int, data: st.DataObject) -> None:
    found = wilson(successes=data.draw(st.integers(0, n)), n=n)
    assert 0 <= found.low <= found.rate <= found.high <= 1


@pytest.mark.parametrize(("successes", "n", "confidence"), [(0, 0, 0.95), (3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0)])
def test_impossible_counts_are_refused(successes: int, n: int, confidence: float) -> None:
    with pytest.raises(InternalError):
        wilson(successes=successes, n=n, confidence=confidence)
