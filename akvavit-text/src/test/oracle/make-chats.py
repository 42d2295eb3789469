"""Makes golden/chats.json with Jinja2, set up as Hugging Face sets it up.

python3 make-chats.py <conversations.json> <src/test/resources>
"""
import datetime
import json
import pathlib
import sys

import jinja2
from jinja2 import ext, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(ext.Extension):
    """{% generation %} only marks text for training; here it renders its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.If(nodes.Const(True), body, [], []).set_lineno(line)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = datetime.datetime(2026, 11, 22, 5, 7, 9).strftime
    return env


def attempt(source, variables):
    try:
        return {"text": environment().from_string(source).render(**variables)}
    except Exception as e:  # whatever it is, our interpreter must refuse too
        return {"error": f"{type(e).__name__}: {e}"}


def rows(items):
    return "[\n" + ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items) + "\n]"


def main(conversations_file, resources):
    given = json.loads(pathlib.Path(conversations_file).read_text())
    conversations, features = given["conversations"], given["features"]
    renderings = []
    for path in sorted(pathlib.Path(resources, "templates").glob("*.jinja")):
        source = path.read_bytes().decode()
        for index, chat in enumerate(conversations):
            variables = {**chat["extras"], "messages": chat["messages"], "add_generation_prompt": chat["open"]}
            variables |= {"bos_token": "<s>", "eos_token": "</s>"}
            renderings.append({"template": path.name, "conversation": index, **attempt(source, variables)})
    variables = {"messages": conversations[0]["messages"], "tools": [], "text": "  A b  ", "n": 5}
    small = [{"source": source, **attempt(source, variables)} for source in features]
    out = pathlib.Path(resources, "golden/chats.json")
    out.write_text(
        '{"jinja2": "%s",\n"conversations": %s,\n"renderings": %s,\n"features": %s}\n'
        % (jinja2.__version__, rows(conversations), rows(renderings), rows(small))
    )
    print(f"{len(renderings)} renderings, {sum('error' in r for r in renderings)} refused; {len(small)} features")


main(*sys.argv[1:])
