"""A brand's own pages: what its customers see, order and change by themselves."""
