"""A kernel's start: its pin, its devices, its variables, one start after the other where they choose."""
