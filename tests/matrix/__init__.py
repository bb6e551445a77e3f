"""The crash matrix: two verbs in real time, and every story with time moved on."""
