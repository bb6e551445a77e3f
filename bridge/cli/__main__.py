"""`python -m bridge.cli`, as `switchhook`."""

from bridge.cli import main

main(prog_name="switchhook")
