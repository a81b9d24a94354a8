"""What the tests of plan files share: programs that save, small disks, broken disks, ordinary users."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from plan.decisions import Decision
from plan.planfile import open_plan

SAVER = Path(__file__).with_name("saver.py")
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals or rights")


def is_old_or_new(path, plan):
    """Whether the file is the plan before the save or the one after it."""
    found = open_plan(path)
    assert found.network.segment_ids == plan.network.segment_ids
    return found.decisions in [plan.decisions, (*plan.decisions, Decision("comment", "new"))]


class Savers:
    """The program that forks savers, spoken to line by line."""

    def __init__(self, path):
        self._process = subprocess.Popen(
            [sys.executable, SAVER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        return int(self._process.stdout.readline())

    def start(self, command):
        """Start a saver and return its process id."""
        process = self._say(command)
        assert process > 0, "the saver failed before it saved"
        return process

    def wait(self):
        """Wait for a saver to end and return how."""
        return self._say("wait")

    def close(self):
        """End the program."""
        self._process.communicate()


@contextmanager
def small_disk(size_kb):
    """Give a folder on a disk of its own, or skip."""
    folder = Path(tempfile.mkdtemp())
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode != 0:
        folder.rmdir()
        pytest.skip("no right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def broken_disk(*_args, **_kwargs):
    """Fail as a broken disk does."""
    raise OSError(errno.EIO, "Input/output error")


@contextmanager
def ordinary_user():
    """Give up the rights of the superuser for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)
