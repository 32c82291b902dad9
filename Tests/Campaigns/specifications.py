"""Made-up task specifications, by a seed: some as they should be, with texts that a shell, an option parser or a
template would fall for, some that must be refused before anything is held for them, and what the refusal must say."""

import dataclasses
import json
import random

from runners import ACCENTED, SELFTEST

PIECES = [
    "a", "0", "-", "--", " ", "\n", "\r\n", "\t", ";", "$(id)", "`id`", "${HOME}", "|", "&&", ">", "<(id)", "../..",
    "/bin/sh", "/bin/true", "/bin/echo", "sh -c id", "{text}", "{{", "}", "\"", "'", "\\", "\\x00", "\\u0000", "%00",
    "*", "?", "~", "!", "\x7f", "\x1b[31m", "\u0085", "ü", "\u0301", "\u0600", "\u202e", "\ufeff", "😀", "%s%n", "#",
    "-c", "--privileged", "--volume=/:/host", "--fail=3", "LD_PRELOAD=/tmp/x.so", "PATH=/tmp",
    "NEUROGRID_OUTPUT=/etc/x", "=", "word", "null", "true", "1e3", "import os", "]]>", "\uffff",
]
ODD_KEYS = [
    "argv", "command", "env", "environment", "user", "working_directory", "programs", "shell", "runner\0", "Runner",
    "__proto__",
]
ODD_RUNNERS = [
    "/bin/sh", "../echo", "echo ", "echo\n", "echo;id", "", "echo\0", "é", "e" * 65, "selftest --fail=1", "-c",
    "task-guard", "nosuch", "Echo", "docker2",
]
ODD_VALUES = [
    None, [], {}, ["/bin/sh"], {"text": "a"}, 1.5, 1 << 64, -(1 << 63) - 1, "\0", "a\0b", "x" * 4097, "ü" * 2049,
]
ODD_NAMES = ["", "A", "a b", "a-b", "text\n", "x" * 65, "é", "{text}", "PATH=", "argument_1\0"]
BAD, UNKNOWN, IMPOSSIBLE = "BAD_REQUEST", "UNKNOWN_RUNNER", "IMPOSSIBLE_REQUEST"
FREE = ("command", "docker")


@dataclasses.dataclass
class Task:
    """One task as it is to be submitted."""
    runner: str
    arguments: dict
    input: object = None
    cpu_milli: int = 0
    job: str = None
    is_cancelled: bool = False

    def body(self):
        body = {"runner": self.runner, "arguments": self.arguments, "timeout_seconds": 120, "attempts": 1}
        if self.input is not None:
            body["input"] = self.input
        if self.cpu_milli:
            body["cpu_milli"] = self.cpu_milli
        return {**body, "job_id": self.job} if self.job else body


@dataclasses.dataclass
class Submission:
    """One request: its tasks, or the body and the codes by which it must be refused."""
    way: str
    tasks: list
    body: object = None
    headers: dict = dataclasses.field(default_factory=dict)
    codes: tuple = ()


class Generator:
    def __init__(self, seed, runners):
        self.random = random.Random(seed)
        self.runners = runners

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def text(self):
        text = "".join(self.random.choices(PIECES, k=self.random.randrange(6)))
        if self.chance(40):
            # As long as may be, to the byte.
            text = (text + "x" * 4096).encode()[:4096].decode(errors="ignore")
        return text

    def value(self, rule):
        """Mostly one that fits, else one of another kind, too long or out of range."""
        if self.chance(25):
            return self.random.choice([self.text(), True, False, 0, -7, "5", "true", 1 << 40, "-" + self.text()])
        kind = rule["type"]
        if kind == "integer":
            numbers = [rule["min"], rule["max"], self.random.randint(0, 100), self.random.randint(-8, 110)]
            return self.random.choice(numbers)
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "choice":
            return self.random.choice([*rule["values"] * 3, "e\u0301", "A", self.text()])
        if rule.get("characters") == "word" or kind == "text" and "max_bytes" not in rule:
            return self.random.choice(
                ["w", "a_B-9.", "x" * 20, "w", "w", "-w", "w" * 21, self.text(), "-\u0301w", "w\u0301"])
        return self.text()

    def free_arguments(self, name):
        first = {"command": "program", "docker": "image"}[name]
        allowed = self.runners[name]["programs" if name == "command" else "images"]
        other = [self.text(), "/bin/sh", "echo", "img:latest", "--privileged"]
        # The same to the eye, and another file.
        other += [text.replace(ACCENTED, "e\u0301") for text in allowed if ACCENTED in text] * 4
        arguments = {first: self.random.choice([*allowed * 8, *other])}
        for number in range(1, self.random.randrange(5)):
            arguments[f"argument_{number}"] = self.text()
        if self.chance(12):
            arguments[self.random.choice(["argument_7", "argument_33", "argument_0", "argv", "image", "program"])] = "x"
        return arguments

    def selftest_arguments(self):
        arguments = {}
        for name in self.random.sample(list(SELFTEST), self.random.randrange(4)):
            arguments[name] = {
                "seconds": lambda: 0, "steps": lambda: self.random.choice([1, 5, 0, 10_001]),
                "seed": lambda: self.random.choice([0, -1, (1 << 63) - 1]), "rounds": lambda: self.random.randrange(99),
                "fail": lambda: self.random.choice([0, 0, 3, 256]), "output": self.text,
            }[name]()
        if self.chance(15):
            arguments[self.random.choice(["text", "seconds", "output"])] = self.random.choice(["x", True, -1])
        return arguments

    def task(self):
        name = self.random.choice([*self.runners, "echo", "record", "command", "selftest"])
        if name == "selftest":
            arguments = self.selftest_arguments()
        elif name in FREE:
            arguments = self.free_arguments(name)
        else:
            rules = self.runners[name]["arguments"]
            arguments = {key: self.value(rule) for key, rule in rules.items()}
            if self.chance(12):
                del arguments[self.random.choice(list(arguments))]
            if self.chance(12):
                arguments[self.random.choice(["argument_1", "program", "path", "ld_preload", "x" * 64])] = self.text()
        task = Task(name, arguments)
        if self.chance(3):
            task.input = self.random.choice(
                [{"argv": ["/bin/sh"], "x": self.text()}, [self.text()], self.text(), 5, [[[]]]])
        if self.chance(4):
            task.cpu_milli = self.random.choice([1, 100, 250, 1000])
        if self.chance(5):
            task.job = self.random.choice(
                ["../../etc", "caf\u00e9", "cafe\u0301", "\u0301", "a/b?c#d", "$(id)", "x" * 128, "--job"])
        if self.chance(12):
            task.is_cancelled = True
            if self.chance(2):
                task.runner, task.arguments = "selftest", {"seconds": 60}
        return task

    # MARK: what must be refused

    def broken(self):
        """A request that must be refused: (body, headers, codes)."""
        body = Task("echo", {"text": self.text()}).body()
        kind = self.random.randrange(9)
        if kind == 0:
            body["arguments"]["text"] = self.random.choice(ODD_VALUES)
        elif kind == 1:
            body["arguments"][self.random.choice(ODD_NAMES)] = self.text()
        elif kind == 2:
            body["runner"] = self.random.choice([*ODD_RUNNERS, 5, ["echo"], {"argv": ["/bin/sh"]}])
            return body, {}, (BAD, UNKNOWN)
        elif kind == 3:
            body[self.random.choice(ODD_KEYS)] = self.random.choice([self.text(), ["/bin/sh", "-c", "id"], {"A": "b"}])
        elif kind == 4:
            body.update(self.random.choice([
                {"arguments": []}, {"arguments": "text=a"}, {"arguments": {f"a{n}": n for n in range(65)}},
                {"input": "x" * 65_536}, {"input": json.loads("[" * 25 + "]" * 25)}, {"timeout_seconds": 0},
                {"timeout_seconds": "1"}, {"attempts": 21}, {"priority": -1}, {"gpu_count": -1}, {"cpu_milli": 0.5},
                {"region": "x" * 65}, {"price_cap": "free"}, {"price_cap": -0.1}, {"currency": "US D"},
                {"gang_size": 0},
                {"job_id": "a\nb"}, {"job_id": "x" * 129}, {"job_id": "\0"}, {"job_id": 7},
            ]))
        elif kind == 5:
            body.update(self.random.choice([
                {"gpu_count": 64}, {"memory_mib": (1 << 31) - 1}, {"cpu_milli": (1 << 31) - 1}, {"region": "$(id)"}]))
            return body, {}, (IMPOSSIBLE,)
        elif kind == 6:
            return self.raw(json.dumps(body)), {}, (BAD,)
        elif kind == 7:
            key = self.random.choice(["a b", "x" * 129, "\x7f", "\xe9"])
            return body, {"Idempotency-Key": key}, (BAD, "MALFORMED_HEADER")
        else:
            return body, {"Content-Type": self.random.choice(["text/plain", "application/x-sh", "json"])}, (
                "UNSUPPORTED_MEDIA_TYPE",)
        return body, {}, (BAD,)

    def raw(self, text):
        """What is no JSON, or says something twice."""
        return self.random.choice([
            text[:-1], text + "}", text + text, text.replace('"runner"', '"runner":"record","runner"', 1), "", "null",
            "[]",
            text.replace('"runner"', "'runner'", 1), text.replace("{", '{"arguments":{},', 1), "\ufeff" + text,
            text.encode()[:-1] + b',"region":"\xff\xfe"}', text.encode()[:-1] + b',"region":"\xc0\xaf"}',
            text[:-1] + ',"region":"\\ud800"}', text[:-1] + ',"region":"a\nb"}', "[" * 100_000,
            text[:-1] + ',"input":NaN}',
        ])

    def submission(self):
        if self.chance(4):
            body, headers, codes = self.broken()
            way = "rest"
            if isinstance(body, dict) and not headers and self.chance(4) and "job_id" not in body:
                # One that must be refused takes the others of its request with it.
                way, body = "job", {"tasks": [self.task_of_job().body(), body, self.task_of_job().body()]}
            return Submission(way, [], body, headers, codes)
        if self.chance(8):
            return Submission("job", [self.task_of_job() for _ in range(self.random.randrange(1, 5))])
        task = self.task()
        return Submission("control" if self.chance(6) and self.fits_a_command_line(task) else "rest", [task])

    def task_of_job(self):
        task = self.task()
        task.job = None
        return task

    @staticmethod
    def fits_a_command_line(task):
        # The terminal cannot say NUL, and takes nothing that looks like a number for a text unless it is quoted.
        return "\0" not in json.dumps(task.body(), ensure_ascii=False) and "\\ud" not in json.dumps(task.arguments)
