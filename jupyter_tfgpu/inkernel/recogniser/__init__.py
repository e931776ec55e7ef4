"""Does a cell train, and with which framework? From its syntax tree, by what it runs. Pure: no disk.

For others: ``recognise`` (the judgement on a cell below others), ``cells`` (its text, and the words without
which no cell is looked at) and ``live``, which says what a running kernel knows of its names.
"""
