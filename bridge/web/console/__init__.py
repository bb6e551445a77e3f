"""The console: pages for who runs the installation and for who helps its customers."""
