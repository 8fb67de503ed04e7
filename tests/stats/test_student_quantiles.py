"""Quantiles of t against SciPy's."""

from __future__ import annotations

import pytest
from scipy.stats import t

from sightline.errors import InternalError
from sightline.stats.student import t_quantile


@pytest.mark.parametrize("share", [0.9, 0.975])
def test_quantiles_are_those_of_scipy(share: float) -> None:
    for df in (3, 4, 5, 7, 12, 30, 200, 5000):
        assert t_quantile(share, df=df) == pytest.approx(t.ppf(share, df), rel=0.01 if df < 5 else 0.001), df
    assert t_quantile(1 - share, df=9) == -t_quantile(share, df=9)


def test_what_has_no_quantile_is_refused() -> None:
    for share, df in ((0.9, 2), (0.0, 9), (1.0, 9)):
        with pytest.raises(InternalError):
            t_quantile(share, df=df)
