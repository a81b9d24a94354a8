"""OWNERSHIP: which metre of road belongs to whom, where the seams lie, and why.

Turns a network and a price table into the ownership of least contradiction (a minimum cut), with seams,
reasons, margins, leaks and a ledger that adds up to the millimetre. Imports ``geo`` only.
"""
