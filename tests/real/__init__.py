"""Proofs on real environments, each started as a kernel and compared with what a terminal would have.

``channel``          packs conda packages into a channel that is a folder
``python_packages``  a real Python, and ipykernel with what it needs, as such packages
``packages``         small ones that prove one thing each: activation scripts, variables, kernels of R
``prefixes``         solved and installed by py-rattler, in folders whose names are awkward
``virtual``          environments of venv, virtualenv and uv, of every Python that is on the machine
``terminal``         what bash has after it activated one of these
``served``           what is asked of a real server
``outside``          a Jupyter without this package, which starts the same kernelspecs

No conda program and no network are needed but for the first run, which has pip fetch ipykernel,
virtualenv and uv; what that made is kept in the user's cache.
"""
