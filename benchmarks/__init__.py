"""Measurements, one script a question; `benchmarks/README.md` says which and what came out."""
