"""What runs inside the user's kernel: magics, and the notice before a cell that trains.

Standard library and IPython only, Python 3.6 and later; it has to work in environments that know
nothing of us. ``start.py`` loads this folder under a private name of its own, ``%load_ext jupyter_tfgpu``
as ``jupyter_tfgpu.inkernel``; so its modules import each other relatively and nothing else of ours.
It never breaks a cell or a kernel: what fails here is left out, with a line in the kernel's log.

For others: ``extension.load(shell)``, and ``recognise`` (pure), with which the server judges a cell too.
"""
