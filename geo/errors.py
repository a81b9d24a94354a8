"""The errors of Roadseam: one root, and one child per exit code of the command line."""

from __future__ import annotations


class RoadseamError(Exception):
    """Root of all errors that Roadseam raises on purpose; its text is one sentence for a person."""

    exit_code = 3


class InputError(RoadseamError, ValueError):
    """An input cannot be used: the sentence says what, where and what to do (exit code 3)."""

    exit_code = 3


class InfeasibleError(RoadseamError, RuntimeError):
    """The question has no feasible answer: the sentence names what forbids it (exit code 4)."""

    exit_code = 4


class CancelledError(RoadseamError):
    """The person stopped a long run before it had any result to keep (exit code 4)."""

    exit_code = 4
