"""How good results are on real lists, as figures: `make quality`, see CONTRIBUTING.md."""
