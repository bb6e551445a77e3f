"""The crash matrix: every boundary × every fault × both verbs × both kinds of wire."""
