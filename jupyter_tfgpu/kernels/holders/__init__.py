"""Who holds what: GPU processes joined with running kernels, and what is to be said of it."""
