"""Import: read a README, plan what it changes, merge, and apply the plan.

Start with `applying.import_text()`; `planning.py` is what a dry run shows, `matching.py` and
`merging.py` are how it is found out, `catalog.store` is how it is stored.
"""
