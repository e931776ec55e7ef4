"""Brings the doctor's tables up to date with the package index: ``make knowledge``.

The index that pip is configured for is asked which releases have a wheel for which Python and platform; the
new ones are downloaded and read by the same readers that read a user's environment. Nothing of a wheel is
run. What no wheel says (drivers, GPUs, limits that only use has shown) stays a matter of reading: the page
beside the tables says where from.
"""
