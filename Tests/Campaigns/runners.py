"""An allow-list of runners, and what docs/runners.md says of them, told a second time: from a task's arguments to the
program, words and environment that the kernel must see, or the reason why it must see nothing."""

import json
import os
import pathlib
import pwd
import re

PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([a-z0-9_]+)\}")
SELFTEST = {
    "seconds": (0, 600), "steps": (1, 10_000), "seed": (-(1 << 63), (1 << 63) - 1), "rounds": (0, 10**12),
    "fail": (0, 255), "output": None,
}
VARIABLES = {"LC_ALL": "C.UTF-8", "ODD": "a b; $(id) {text} `x` \"q\" 'q' \\"}
ACCENTED = "é"

# Says what it was started with: its result is compared with what was submitted.
RECORDER = r"""#!/usr/bin/python3 -I
import json, os, sys
environment = os.environb
said = {"words": sys.argv[1:], "place": os.getcwd(), "account": [os.getuid(), os.getgid(), os.getgroups()],
        "input": open(environment[b"NEUROGRID_INPUT"]).read()}
with open(environment[b"NEUROGRID_OUTPUT"], "w") as output:
    json.dump(said, output)
"""
# Plays the docker client: a line for each call.
CLIENT = r"""#!/usr/bin/python3 -I
import json, os, sys
with open(os.path.dirname(os.path.abspath(__file__)) + "/calls", "a") as calls:
    calls.write(json.dumps(sys.argv) + "\n")
"""
NO_PROGRAM = "echo nobody may see this\n"


class Unfit(Exception):
    """The agent must not run that."""


def whole(least, greatest):
    return {"type": "integer", "min": least, "max": greatest}


def free_text(length, characters="any"):
    return {"type": "text", "max_bytes": length, "characters": characters, "leading_hyphen": True}


def allow_list(folder, account=None):
    """The agent's `runners`, with their programs in `folder`."""
    for name, text in [("recorder", RECORDER), ("docker", CLIENT), ("noprogram", NO_PROGRAM)]:
        pathlib.Path(folder, name).write_text(text)
        os.chmod(pathlib.Path(folder, name), 0o755)
    pathlib.Path(folder, "place").mkdir()
    pathlib.Path(folder, "calls").touch(mode=0o666)
    os.symlink("/bin/true", pathlib.Path(folder, ACCENTED))
    runners = {
        "echo": {
            "argv": ["/bin/echo", "--text={text}", "{word}", "n{number}", "{flag}{text}", "{{{choice}}}", "{line}"],
            "arguments": {
                "text": free_text(200), "word": {"type": "text", "max_bytes": 20, "characters": "word"},
                "number": whole(-5, 100), "flag": {"type": "boolean"},
                "choice": {"type": "choice", "values": ["a", ACCENTED, "-x", "{text}", "b c; d"]},
                "line": {"type": "text"},
            },
        },
        "record": {
            "argv": [f"{folder}/recorder", "-n", "{number}", "{text}", ""],
            "arguments": {"text": free_text(4096), "number": whole(-(1 << 63), (1 << 63) - 1)},
            "environment": VARIABLES, "working_directory": f"{folder}/place",
        },
        "command": {"kind": "command", "programs": ["/bin/echo", "/bin/true", f"{folder}/{ACCENTED}"]},
        "docker": {
            "kind": "docker", "client": f"{folder}/docker", "images": ["registry.example/cuda:12", "img"],
            "limits": {"pids": 77, "cpu_milli": 1500}, "environment": {"DOCKER_HOST": "unix:///nowhere"},
        },
        "absent": {"argv": [f"{folder}/absent", "{text}"], "arguments": {"text": free_text(100)}},
        "noprogram": {"argv": [f"{folder}/noprogram", "{text}"], "arguments": {"text": free_text(100)}},
    }
    if account:
        runners["account"] = {
            "argv": [f"{folder}/recorder", "{text}"], "arguments": {"text": free_text(200)}, "user": account}
    return runners


def checked(rule, value, name):
    """A value as it stands in a word."""
    kind = rule["type"]
    if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
        if rule["min"] <= value <= rule["max"]:
            return str(value)
    elif kind == "boolean" and isinstance(value, bool):
        return "true" if value else "false"
    elif kind == "choice" and value in rule["values"]:
        return value
    elif kind == "text" and isinstance(value, str):
        allowed = {
            "any": lambda letter: letter != "\0",
            "printable": lambda letter: not (ord(letter) < 32 or 127 <= ord(letter) < 160),
            "word": lambda letter: letter.isascii() and (letter.isalnum() or letter in "_-."),
        }[rule.get("characters", "printable")]
        hyphen = value.startswith("-") and not rule.get("leading_hyphen")
        if len(value.encode()) <= rule.get("max_bytes", 256) and all(map(allowed, value)) and not hyphen:
            return value
    raise Unfit(name)


def free_words(arguments):
    words, number = [], 1
    while f"argument_{number}" in arguments and number <= 32:
        words.append(checked(free_text(4096), arguments[f"argument_{number}"], f"argument_{number}"))
        number += 1
    rest = set(arguments) - {f"argument_{earlier}" for earlier in range(1, number)} - {"program", "image"}
    if rest:
        raise Unfit(str(rest))
    return words


def template_words(runner, arguments):
    rules = runner["arguments"]
    if set(arguments) != set(rules):
        raise Unfit(str(set(arguments) ^ set(rules)))
    values = {name: checked(rules[name], value, name) for name, value in arguments.items()}

    def put(match):
        return {"{{": "{", "}}": "}"}.get(match.group()) or values.get(match.group(1), "")

    return [PLACEHOLDER.sub(put, word) for word in runner["argv"]]


def selftest_words(arguments):
    words = []
    if set(arguments) - set(SELFTEST):
        raise Unfit(str(arguments))
    for name, bounds in SELFTEST.items():
        if name in arguments:
            rule = whole(*bounds) if bounds else free_text(4096)
            words.append(f"--{name}={checked(rule, arguments[name], name)}")
    return ["neurogrid-agent", "selftest", *words]


def one_of(allowed, arguments, name):
    """Compared as bytes, as Python does: an accent that is written otherwise is another file."""
    if arguments.get(name) not in allowed or isinstance(arguments.get(name), bool):
        raise Unfit(name)
    return arguments[name]


def container_words(runner, arguments, task, run, cpu_milli):
    limits = runner["limits"]
    cpu = min(limits["cpu_milli"], cpu_milli or limits["cpu_milli"])
    image = one_of(runner["images"], arguments, "image")
    if "program" in arguments:
        raise Unfit("program")
    return [
        runner["client"], "run", "--rm", "--init", "--name", f"neurogrid-{run.replace('.', '-')}", "--network", "none",
        "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", str(limits["pids"]), "--env",
        f"NEUROGRID_TASK_ID={task}", "--cpus", f"{cpu // 1000}.{cpu % 1000:03}", "--", image, *free_words(arguments)]


def command_line(runners, name, arguments, task="", run="", cpu_milli=0):
    """(program, words) as the kernel must see them; `Unfit` where it must not."""
    if name == "selftest":
        return "/proc/self/exe", selftest_words(arguments)
    runner = runners[name]
    kind = runner.get("kind", "argv")
    if kind == "docker":
        words = container_words(runner, arguments, task, run, cpu_milli)
    elif kind == "command":
        if "image" in arguments:
            raise Unfit("image")
        words = [one_of(runner["programs"], arguments, "program"), *free_words(arguments)]
    else:
        words = template_words(runner, arguments)
    return words[0], words


def environment(runners, name, task, folder, socket):
    """The variables of a run, all of them."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": f"{folder}/work", "NEUROGRID_TASK_ID": task,
        "NEUROGRID_PROGRESS_SOCKET": socket, "NEUROGRID_INPUT": f"{folder}/input",
        "NEUROGRID_OUTPUT": f"{folder}/output", "CUDA_VISIBLE_DEVICES": "",
        **runners.get(name, {}).get("environment", {}),
    }


def result_fault(runners, name, arguments, result, task_input):
    """What is wrong with a result of the recorder; `None` where nothing is."""
    said = result["output"]
    wanted = {"words": command_line(runners, name, arguments)[1][1:]}
    if name == "account":
        entry = pwd.getpwnam(runners[name]["user"])
        wanted["account"] = [entry.pw_uid, entry.pw_gid, os.getgrouplist(runners[name]["user"], entry.pw_gid)]
    else:
        wanted["place"] = runners[name]["working_directory"]
    found = {key: said.get(key) for key in wanted}
    if found != wanted:
        return f"{found} instead of {wanted}"
    given = json.loads(said["input"]) if said["input"] else None
    return None if given == task_input else f"the input was {said['input'][:200]}"
