"""JSON Schema as the two API documents use it: what is wrong with a value. A keyword that is not known here is."""

import re

FORMATS = {
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
}


def resolve(document, reference):
    assert reference.startswith("#/"), reference
    for part in reference[2:].split("/"):
        document = document[part.replace("~1", "/").replace("~0", "~")]
    return document


def references(value):
    """Every $ref in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for element in value:
            yield from references(element)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


KINDS = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": is_number,
    "integer": lambda value: is_number(value) and value == int(value),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}

BOUNDS = {
    "minimum": (is_number, lambda value, limit: value >= limit),
    "maximum": (is_number, lambda value, limit: value <= limit),
    "minLength": (KINDS["string"], lambda value, limit: len(value) >= limit),
    "maxLength": (KINDS["string"], lambda value, limit: len(value) <= limit),
    "minItems": (KINDS["array"], lambda value, limit: len(value) >= limit),
    "maxItems": (KINDS["array"], lambda value, limit: len(value) <= limit),
    "pattern": (KINDS["string"], lambda value, pattern: re.search(pattern, value) is not None),
    "format": (KINDS["string"], lambda value, name: FORMATS[name].fullmatch(value) is not None),
}


def same(left, right):
    """JSON knows no number that is true."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def faults(document, schema, value, path="$"):
    """What is wrong with the value, each with its place."""
    if "$ref" in schema:
        assert len(schema) == 1, schema
        yield from faults(document, resolve(document, schema["$ref"]), value, path)
        return
    for keyword, rule in schema.items():
        if keyword in BOUNDS:
            concerns, holds = BOUNDS[keyword]
            if concerns(value) and not holds(value, rule):
                yield f"{path}: {value!r} is not of {keyword} {rule!r}"
        else:
            yield from RULES[keyword](document, schema, rule, value, path)


def of_type(document, schema, rule, value, path):
    if not any(KINDS[kind](value) for kind in ([rule] if isinstance(rule, str) else rule)):
        yield f"{path}: {value!r} is not {rule}"


def one_of(document, schema, rule, value, path):
    if not any(same(value, choice) for choice in rule):
        yield f"{path}: {value!r} is none of {rule}"


def required(document, schema, rule, value, path):
    if isinstance(value, dict):
        yield from (f"{path}: {name} is missing" for name in rule if name not in value)


def properties(document, schema, rule, value, path):
    if isinstance(value, dict):
        for name in value.keys() & rule.keys():
            yield from faults(document, rule[name], value[name], f"{path}.{name}")


def additional(document, schema, rule, value, path):
    if isinstance(value, dict):
        for name in value.keys() - schema.get("properties", {}).keys():
            if rule is False:
                yield f"{path}: {name} is not foreseen"
            elif rule is not True:
                yield from faults(document, rule, value[name], f"{path}.{name}")


def items(document, schema, rule, value, path):
    if isinstance(value, list):
        for index, element in enumerate(value):
            entry = rule if isinstance(rule, dict) else rule[index] if index < len(rule) else {}
            yield from faults(document, entry, element, f"{path}[{index}]")


def any_of(document, schema, rule, value, path):
    if all(list(faults(document, choice, value, path)) for choice in rule):
        yield f"{path}: {value!r} fits none of {rule}"


def none_of(document, schema, rule, value, path):
    if not list(faults(document, rule, value, path)):
        yield f"{path}: {value!r} is {rule}"


RULES = {
    "type": of_type,
    "enum": one_of,
    "const": lambda document, schema, rule, value, path: one_of(document, schema, [rule], value, path),
    "required": required,
    "properties": properties,
    "additionalProperties": additional,
    "items": items,
    "anyOf": any_of,
    "not": none_of,
    "description": lambda *_: (),
}
