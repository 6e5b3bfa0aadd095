"""The simple and the academic ways of recommending, one file each. Beside them every model is judged; they serve where none may.

Each has `GRID` (settings to be tuned on a cut-off before those it is judged on), `fit(history, **settings)` and, of what it gives,
`score(rows)`: what each product is worth to these customers (places in history.customers), shape (rows, products), zero for nothing.
"""
