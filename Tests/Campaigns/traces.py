"""What the kernel was asked to execute, as strace tells it."""

import collections
import re

# Strings are told in hexadecimal, so that nothing in them looks like the text around them, and up to the longest that
# the kernel takes.
OPTIONS = ["-f", "-v", "-xx", "-s", "131072", "-e", "trace=execve,execveat", "-e", "signal=none"]
CALL = re.compile(r'^\d+ +execve\("([^"]*)", \[([^\]]*)\], \[([^\]]*)\]\) += (-?\d+|\?)')
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')

# One call; `result` is None where the process ended in it.
Call = collections.namedtuple("Call", "path words environment result")


def texts(list_of_texts):
    return tuple(bytes.fromhex(text.replace("\\x", "")) for text in TEXT.findall(list_of_texts))


def joined(lines):
    """The halves of calls that another process's line interrupts, put together."""
    halves = {}
    for line in lines:
        process, _, rest = line.partition(" ")
        if "<unfinished ...>" in rest:
            halves[process] = rest.split("<unfinished ...>")[0].rstrip()
        elif "resumed>" in rest and process in halves:
            yield f"{process} {halves.pop(process)}{rest.split('resumed>', 1)[1]}"
        else:
            yield line
    for process, half in halves.items():
        yield f"{process} {half}) = ?"


def read(trace):
    """All calls in order, and the lines that could not be understood: a call that is cut short is one of them."""
    calls, unread = [], []
    for line in joined(trace.read_text().splitlines()):
        if "execve" not in line:
            continue
        match = CALL.match(line)
        if not match or "..." in line:
            unread.append(line[:400])
            continue
        path, words, environment, result = match.groups()
        calls.append(Call(
            bytes.fromhex(path.replace("\\x", "")), texts(words), texts(environment),
            None if result == "?" else int(result)))
    return calls, unread
