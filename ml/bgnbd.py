"""BG/NBD: how often customers buy and when they stop, from three numbers a customer.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model (Marketing Science, 2005). While a
customer is there, purchases are a Poisson process whose rate is Gamma(r, alpha) among customers; after each purchase the customer leaves
with a probability that is Beta(a, b) among customers. Of the kept libraries none fits it without a sampler.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize
from scipy.special import betaln, expit, gammaln

# Keeps the estimate from running away where few customers ever leave.
PENALIZER = 0.001
BOUNDS = (-7, 9)  # of the parameters' logarithms: where nobody leaves, or everybody, there is no best one


@dataclass(frozen=True)
class BgNbd:
    """r and alpha (in days) of the purchase rate, a and b of the drop-out."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, repeats: np.ndarray, last: np.ndarray, age: np.ndarray) -> np.ndarray:
        """P(the customer is still there), shape (customers,); 1 before the first repeat, because one leaves after a repeat only.

        `repeats`: days with a purchase after the first one; `last`: days from the first to the last purchase; `age`: days since the first.
        """
        log_odds_gone = (
            np.log(self.a)
            - np.log(self.b + np.maximum(repeats, 1) - 1)
            + (self.r + repeats) * np.log((self.alpha + age) / (self.alpha + last))
        )
        return np.where(repeats > 0, expit(-log_odds_gone), 1.0)

    def none_within(self, repeats: np.ndarray, last: np.ndarray, age: np.ndarray, days: float) -> np.ndarray:
        """P(no purchase in the next `days`): gone, or there with a rate Gamma(r + repeats, alpha + age) and no event; shape (customers,)."""
        alive = self.alive(repeats, last, age)
        silent = ((self.alpha + age) / (self.alpha + age + days)) ** (self.r + repeats)
        return 1 - alive * (1 - silent)


def fit(repeats: np.ndarray, last: np.ndarray, age: np.ndarray, penalizer: float = PENALIZER) -> BgNbd:
    """Maximum likelihood with an L2 penalty on the parameters, time scaled so that the longest age is 10."""
    scale = 10 / max(float(age.max()), 1.0)
    last, age = last * scale, age * scale

    def loss(logarithms: np.ndarray) -> float:
        parameters = np.exp(logarithms)
        return -np.mean(_log_likelihood(*parameters, repeats, last, age)) + penalizer * np.sum(parameters**2)

    found = optimize.minimize(
        loss, np.full(4, 0.1), method="Nelder-Mead", bounds=[BOUNDS] * 4, options={"maxiter": 2000, "xatol": 1e-6, "fatol": 1e-9}
    )
    r, alpha, a, b = np.exp(found.x)
    return BgNbd(float(r), float(alpha / scale), float(a), float(b))


def _log_likelihood(r, alpha, a, b, repeats, last, age) -> np.ndarray:
    """Equation 6 of the paper, customer by customer, shape (customers,)."""
    counted = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
    stayed = betaln(a, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + age)
    left = betaln(a + 1, b + np.maximum(repeats, 1) - 1) - betaln(a, b) - (r + repeats) * np.log(alpha + last)
    return counted + np.where(repeats > 0, np.logaddexp(stayed, left), stayed)
