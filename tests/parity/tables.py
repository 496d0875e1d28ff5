"""Small tables to compare learners on: (numbers (n, m) float32, labels (n)).

From scikit-learn and plotly, which tests/requirements.txt pins, and the
numeric part of $CLICKMILL_TEST_DATA/amazon/train.csv where that is.  Nothing is downloaded;
every call gives the same rows.
"""
import os

import numpy as np
import plotly.data
from sklearn import datasets

N_MADE = 4000  # rows of a made table


def split_at_median(target):
    return target > np.median(target)


def of_class(loader, *positive):
    x, y = loader(return_X_y=True)
    return x, np.isin(y, positive)


def diabetes():
    x, y = datasets.load_diabetes(return_X_y=True)
    return x, split_at_median(y)


def gapminder():
    rows = plotly.data.gapminder()
    return (rows[["year", "pop", "gdpPercap"]],
            split_at_median(rows["lifeExp"]))


def carshare():
    rows = plotly.data.carshare()
    return (rows[["centroid_lat", "centroid_lon", "peak_hour"]],
            split_at_median(rows["car_hours"]))


def tips():
    rows = plotly.data.tips()
    return (rows[["total_bill", "size"]],
            split_at_median(rows["tip"]))


def photo():
    """Whether a pixel is more red than green, from the brightness around."""
    image = datasets.load_sample_image("china.jpg")[::8, ::8].astype(float)
    grey = image.mean(axis=2)
    around = [np.roll(grey, (i, j), (0, 1)).ravel()
              for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return np.array(around).T, (image[..., 0] > image[..., 1]).ravel()


def digits(*positive):
    """Of 4 x 4 pixels, which makes them hard to tell apart."""
    x, y = of_class(datasets.load_digits, *positive)
    return x.reshape(-1, 4, 2, 4, 2).sum(axis=(2, 4)).reshape(-1, 16), y


def classification(**how):
    return datasets.make_classification(
        **{"n_samples": N_MADE, "random_state": 1, **how})


def friedman(maker):
    x, y = maker(N_MADE, noise=.1, random_state=2)
    return x, split_at_median(y + np.random.RandomState(2).randn(len(y)) *
                              .3 * y.std())


def counts(missing=0.0):
    """Few distinct values, rare positives, as in a log of clicks."""
    rng = np.random.RandomState(3)
    x = rng.poisson(rng.gamma(1, 2, 12), (2 * N_MADE, 12)).astype(float)
    logit = .5 * x[:, 0] - .4 * x[:, 1] + .1 * x[:, 2] * x[:, 3] - 3.5
    y = rng.rand(len(x)) < 1 / (1 + np.exp(-logit))
    x[rng.rand(*x.shape) < missing] = np.nan
    return x, y


TABLES = {
    "breast cancer": lambda: of_class(datasets.load_breast_cancer, 1),
    "wine": lambda: of_class(datasets.load_wine, 1),
    "iris": lambda: of_class(datasets.load_iris, 2),
    "digits, odd": lambda: digits(1, 3, 5, 7, 9),
    "digits, eight": lambda: digits(8),
    "diabetes": diabetes,
    "gapminder": gapminder,
    "carshare": carshare,
    "tips": tips,
    "photo": photo,
    "noisy classes": lambda: classification(flip_y=.2, n_informative=6),
    "rare class": lambda: classification(weights=[.95], n_informative=8),
    "many features": lambda: classification(n_features=60, n_informative=10,
                                            class_sep=.6),
    "Hastie": lambda: datasets.make_hastie_10_2(N_MADE, random_state=4),
    "moons": lambda: datasets.make_moons(N_MADE, noise=.35, random_state=5),
    "circles": lambda: datasets.make_circles(N_MADE, noise=.25, factor=.6,
                                             random_state=6),
    "Friedman 1": lambda: friedman(datasets.make_friedman1),
    "Friedman 2": lambda: friedman(datasets.make_friedman2),
    "counts": counts,
    "counts, a fifth missing": lambda: counts(.2),
}


def amazon():
    path = os.path.join(os.environ.get("CLICKMILL_TEST_DATA") or
                        "../shared/data", "amazon", "train.csv")
    if not os.path.exists(path):
        return None
    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    return rows[:, 1:], rows[:, 0]


def load_all():
    """By name, every table that is there."""
    made = {name: table() for name, table in TABLES.items()}
    if amazon() is not None:
        made["Amazon access"] = amazon()
    return {name: (np.ascontiguousarray(x, np.float32),
                   (np.asarray(y) > 0).astype(np.float32))
            for name, (x, y) in made.items()}
