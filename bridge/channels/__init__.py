"""Where a delivery goes: by mail, into a folder, to a webhook."""
