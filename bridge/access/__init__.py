"""Who may do what: roles, passwords, codes from a phone, keys of programs."""
