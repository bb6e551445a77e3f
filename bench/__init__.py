"""Benchmarks: each prints one JSON line, measured and compared in the same run."""
