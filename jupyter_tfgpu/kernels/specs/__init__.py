"""Kernelspecs: what is installed; ours as files, in step with the environments; mending them."""
