"""WORK: who drives where.

Joint coverage of the two brigades (``coverage``), sealing of exits in an emergency (``sealing``) and one
inspection day with routes for every crew (``day``). Units, exits and targets come from small CSV tables. This
room knows who owns a road only as a label for each segment.
"""
