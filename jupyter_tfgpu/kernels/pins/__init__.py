"""Which device a kernel shall have: pins, where they are kept, whose counts, and what they mean now."""
