"""Quality of results on real lists, as figures: `make quality`, see CONTRIBUTING.md."""
