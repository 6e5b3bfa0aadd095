"""What is written of products, as ratings: the one that the texts of its reviews speak of, and the one that products so described were given.

Two ridge regressions over the weights of words and pairs of words, learned here, at each cut-off from the reviews before it alone; a rating
means the same at every date, where the axes of an embedding would turn. Written as table `product_texts` beside the features; a shop without
reviews has no row in it.
"""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from forecart.run import Run
from ml import beside

# So many texts at least, or their words tell nothing.
LEAST = 100
# A product's mean rating is moved towards that of all, as if so many usual reviews came first.
USUAL_REVIEWS = 3
TABLE = """
    create or replace table {schema}.product_texts (as_of_date date, product_id varchar, written_rating float, described_rating float)
"""


def write(run: Run, dates: list[date], schema: str) -> None:
    """The ratings at each cut-off."""

    def found(connection: duckdb.DuckDBPyConnection) -> beside.Found:
        described = connection.execute("""
            select product_id, concat_ws('. ', product_name, description) as text from marts.products
            where is_merchandise and description is not null order by product_id
        """).df()
        words = weights(described["text"])
        for day in dates:
            reviews = _reviews(connection, day)
            told = pd.concat([_written(reviews), _described(reviews, described["product_id"], words)], axis=1)
            yield day, "product_texts", told.rename_axis("product_id").reset_index()

    beside.write(run, schema, TABLE, found)


def weights(texts: pd.Series) -> sparse.csr_matrix | None:
    """TF-IDF of words and pairs of words that two texts share, shape (texts, words); None where there are too few texts."""
    if len(texts) < LEAST:
        return None
    return TfidfVectorizer(min_df=2, ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)


def _reviews(connection: duckdb.DuckDBPyConnection, day: date) -> pd.DataFrame:
    return connection.execute(
        """
        select product_id, rating, concat_ws('. ', title, body) as text from marts.reviews
        where review_date < ? and rating is not null order by review_date, review_id
        """,
        [day],
    ).df()


def _written(reviews: pd.DataFrame) -> pd.Series:
    """By product, the mean of what its reviews' texts speak of."""
    words = weights(reviews["text"])
    told = np.full(len(reviews), np.nan) if words is None else Ridge().fit(words, reviews["rating"]).predict(words)
    return pd.Series(told).groupby(reviews["product_id"]).mean().rename("written_rating")


def _described(reviews: pd.DataFrame, products: pd.Series, words: sparse.csr_matrix | None) -> pd.Series:
    """By product with a description, reviewed or not, what products so described were rated."""
    of_product = reviews.groupby("product_id")["rating"].agg(["sum", "count"]).reindex(products, fill_value=0)
    is_rated = (of_product["count"] > 0).to_numpy()
    told = np.full(len(products), np.nan)
    if words is not None and is_rated.sum() >= LEAST:
        rated = of_product[is_rated]
        mean = (rated["sum"] + USUAL_REVIEWS * reviews["rating"].mean()) / (rated["count"] + USUAL_REVIEWS)
        told = Ridge().fit(words[is_rated], mean, sample_weight=rated["count"]).predict(words)
    return pd.Series(told, index=products, name="described_rating")
