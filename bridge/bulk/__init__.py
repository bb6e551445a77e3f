"""What is wanted for many accounts at once: looked at, counted, and then done.

The command line does it in its own process; what is ordered on a page is done by a
worker, a turn at a time, and goes on after whatever stopped it.
"""
