"""Who is at fault: the file, a rule, or this program.

The distinction decides what happens next. A file's fault becomes a row in `problems` and the batch goes on; a
rule's fault stops the run before it starts, because every document would be read wrongly; anything else is ours
and is caught only in `pipeline.run`, where it is written down with its traceback and the batch goes on.
"""

from __future__ import annotations


class GoldenThreadError(Exception):
    """Base of the errors that this program raises on purpose; the message is meant for the person running it."""


class FileFault(GoldenThreadError):
    """The file cannot be read as what it claims to be. `stage` and `error` become the columns of `problems`."""

    def __init__(self, error: str, message: str, *, stage: str = "read") -> None:
        super().__init__(message)
        self.error = error
        self.message = message
        self.stage = stage

    def __reduce__(self) -> tuple[object, ...]:  # crosses process boundaries with its keyword argument
        return (_file_fault, (self.error, self.message, self.stage))


def _file_fault(error: str, message: str, stage: str) -> FileFault:
    return FileFault(error, message, stage=stage)


class RuleFault(GoldenThreadError):
    """A file in `models/` is malformed or contradicts itself."""


class OutputFault(GoldenThreadError):
    """The output folder cannot be written, or holds something that is not a dataset."""


class ClusterFault(GoldenThreadError):
    """The cluster that reads files does not answer, or cannot do the work."""


class InputFault(GoldenThreadError):
    """There is nothing to read, or a path that was named does not exist."""
