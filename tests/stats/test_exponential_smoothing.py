"""The smoothing model against an independent estimate, the published variance and a simulation of its own equations."""

from __future__ import annotations

import random
from math import sqrt
from statistics import fmean

import pytest
from scipy.optimize import minimize

from sightline.errors import InternalError
from sightline.stats.smoothing import Smoothed, Weights, seasonal_start, smoothed

pytestmark = pytest.mark.req("SAA-1")

OIL = (111.0, 108.2, 113.5, 119.1, 117.4, 123.8, 131.0, 128.7, 135.2, 141.9, 139.3, 146.6, 150.1, 147.2, 152.4, 158.8)
OIL += (155.1, 161.7, 159.9, 166.0, 171.2, 168.8, 170.3, 176.9, 174.1, 180.5, 178.2, 183.0, 187.7, 184.1)


def error_sum(values: tuple[float, ...], parameters: tuple[float, ...]) -> float:
    """The recursion as the book prints it: every start value is a parameter of its own."""
    alpha, beta, phi, level, trend, *turning = parameters
    gamma, seasons = (turning[0], list(turning[1:])) if turning else (0.0, [0.0])
    total = 0.0
    for at, value in enumerate(values):
        place = at % len(seasons)
        error = value - (level + phi * trend + seasons[place])
        level, trend = level + phi * trend + alpha * error, phi * trend + beta * error
        seasons[place] += gamma * error
        total += error * error
    return total


def best_of_scipy(values: tuple[float, ...]) -> tuple[float, tuple[float, ...]]:
    """All five parameters by a general optimiser, from several starts."""
    found = []
    for alpha in (0.1, 0.5, 0.9):
        for slope in (0.05, 0.5):
            start = (alpha, slope, 0.9, values[0], (values[9] - values[0]) / 9)
            made = minimize(
                lambda p: error_sum(values, (p[0], p[0] * p[1], p[2], p[3], p[4])),
                start,
                method="L-BFGS-B",
                bounds=((1e-4, 0.9999), (1e-4, 0.9999), (0.8, 0.98), (None, None), (None, None)),
            )
            found.append((float(made.fun), tuple(made.x)))
    return min(found)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - series for a test


def drawn(seed: int, n: int, *, alpha: float, beta: float, phi: float) -> tuple[float, ...]:
    rng = seeded(seed)
    level, trend, found = 50.0, 1.0, []
    for _ in range(n):
        error = rng.gauss(0, 1)
        found.append(level + phi * trend + error)
        level, trend = level + phi * trend + alpha * error, phi * trend + beta * error
    return tuple(found)


SERIES = {
    "oil": OIL,
    "steady": drawn(1, 40, alpha=0.2, beta=0.02, phi=0.95),
    "quick": drawn(2, 60, alpha=0.8, beta=0.3, phi=0.9),
    "a million": tuple(1e6 + 10 * each for each in drawn(3, 48, alpha=0.4, beta=0.1, phi=0.97)),
}


@pytest.mark.parametrize("name", SERIES)
def test_no_other_weights_explain_the_history_better(name: str) -> None:
    values = SERIES[name]
    model = smoothed(values)
    least, best = best_of_scipy(values)
    assert model.squares <= least * 1.002  # the search stops at weights as fine as a history can tell apart
    weights = model.weights
    own = (weights.alpha, weights.beta, weights.phi, *model.start)
    assert error_sum(values, own) == pytest.approx(model.squares, rel=1e-6)  # it reports its own errors truly
    alpha, slope, phi, level, trend = best
    for value in values:
        error = value - (level + phi * trend)
        level, trend = level + phi * trend + alpha * error, phi * trend + alpha * slope * error
    theirs, damped = [], 0.0
    for _ in range(6):
        damped = phi * (1 + damped)
        theirs.append(level + damped * trend)
    assert model.medians(6) == pytest.approx(theirs, abs=0.35 * model.sigma)


def test_values_that_follow_are_seen_as_if_they_had_been_there() -> None:
    model = smoothed(OIL[:20])
    for value in OIL[20:]:
        model = model.seen(value)
    alpha, beta, phi = model.weights.alpha, model.weights.beta, model.weights.phi
    assert error_sum(OIL, (alpha, beta, phi, *model.start)) == pytest.approx(model.squares)
    assert model.n == len(OIL)


def published_variance(weights: Weights, sigma: float, h: int) -> float:
    """Table 8.8 of Forecasting: Principles and Practice (third edition), row (A,Ad,N)."""
    a, b, p = weights.alpha, weights.beta, weights.phi
    first = b * p * h / (1 - p) ** 2 * (2 * a * (1 - p) + b * p)
    second = b * p * (1 - p**h) / ((1 - p) ** 2 * (1 - p**2)) * (2 * a * (1 - p**2) + b * p * (1 + 2 * p - p**h))
    return sigma**2 * (1 + a**2 * (h - 1) + first - second)


def test_the_standard_errors_are_those_of_the_published_formula() -> None:
    model = Smoothed(Weights(0.4, 0.1, 0.9), 10.0, 1.0, (), squares=20.0, n=25, start=(0.0, 0.0))
    assert model.df == 20
    assert model.errors(12) == pytest.approx([sqrt(published_variance(model.weights, 1.0, h)) for h in range(1, 13)])


@pytest.mark.parametrize("season", [1, 4])
def test_simulated_futures_of_the_model_have_its_medians_and_standard_errors(season: int) -> None:
    seasons = (2.0, -1.0, -3.0, 2.0) if season > 1 else ()
    weights = Weights(0.4, 0.1, 0.9, 0.2 if seasons else 0.0)
    free = 4 + 2 + 3 if seasons else 5
    model = Smoothed(weights, 100.0, 2.0, seasons, squares=9.0 * 20, n=20 + free, start=(0.0, 0.0))
    assert model.sigma == pytest.approx(3.0)
    rng = seeded(11)
    ends: list[list[float]] = [[] for _ in range(8)]
    for _ in range(4000):
        level, trend, turning = 100.0, 2.0, list(seasons) or [0.0]
        for step in range(8):
            error = rng.gauss(0, 3)
            place = step % len(turning)
            ends[step].append(level + 0.9 * trend + turning[place] + error)
            level, trend = level + 0.9 * trend + 0.4 * error, 0.9 * trend + 0.1 * error
            turning[place] += weights.gamma * error
    for step, (median, error) in enumerate(zip(model.medians(8), model.errors(8), strict=True)):
        middle = fmean(ends[step])
        spread = sqrt(fmean((each - middle) ** 2 for each in ends[step]))
        assert median == pytest.approx(middle, abs=4 * error / sqrt(4000))
        assert error == pytest.approx(spread, rel=0.05)


def test_a_season_is_found_where_there_is_one() -> None:
    rng = seeded(5)
    shape = (4.0, 1.0, -2.0, -6.0, 0.0, 1.0, 2.0)
    values = [100 + 0.3 * at + shape[at % 7] + rng.gauss(0, 0.3) for at in range(70)]
    found = seasonal_start(values, 7)
    assert sum(found) == pytest.approx(0)
    assert found == pytest.approx(shape, abs=0.4)
    model = smoothed(values, season=7)
    expected = [100 + 0.3 * at + shape[at % 7] for at in range(70, 77)]
    assert model.medians(7) == pytest.approx(expected, abs=1.0)
    assert model.sigma < 0.6
    own = (model.weights.alpha, model.weights.beta, model.weights.phi, *model.start, model.weights.gamma, *found)
    assert error_sum(tuple(values), own) == pytest.approx(model.squares, rel=1e-6)


def test_an_even_season_is_averaged_over_a_centred_year() -> None:
    shape = (3.0, -1.0, -4.0, 2.0)
    values = [10 + 2.0 * at + shape[at % 4] for at in range(24)]
    assert seasonal_start(values, 4) == pytest.approx(shape)  # a straight trend leaves no trace in it


def test_too_few_values_are_refused() -> None:
    with pytest.raises(InternalError, match="too few"):
        smoothed([1.0, 2.0, 3.0])
    with pytest.raises(InternalError, match="season of 7"):
        smoothed([float(each) for each in range(13)], season=7)
