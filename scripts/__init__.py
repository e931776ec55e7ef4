"""The work behind the Makefile: set-up, checks, benchmarks. Standard library only, Python 3.10+.

Nothing here is installed with the package.
"""
