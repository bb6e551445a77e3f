"""Chance in how long is waited, so that two that met do not meet again.

A source of its own: what a thread draws here disturbs nobody's sequence.
"""

from random import SystemRandom

between = SystemRandom().uniform
