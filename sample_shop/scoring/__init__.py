"""What the house should hold of each entity of the sample shop, and what it does hold: one module a kind of source. Read by sample_shop/score.py."""
