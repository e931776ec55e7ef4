"""Kernels that run, whoever started them: their processes, the files that say how they were started."""
