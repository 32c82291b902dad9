"""Tables in Markdown from the runs that run.sh recorded: report.py runs.jsonl"""

import collections
import json
import platform
import statistics
import sys

OURS = "neurogrid"
# A run is clean when neither side waited more than this share of it for its processor.
WAIT_LIMIT = 0.10
ENOUGH_CLEAN_RUNS = 3


def is_clean(result):
    measured = result["measured"]
    return max(measured["server_waited_share"], measured["generator_waited_share"]) < WAIT_LIMIT


def chosen(runs):
    clean = {repetition: result for repetition, result in runs.items() if is_clean(result)}
    return clean if len(clean) >= ENOUGH_CLEAN_RUNS else runs


def middle(runs, key):
    return statistics.median(key(result) for result in runs.values())


def count(value):
    for limit, unit, decimals in ((1e6, "M", 2), (1e3, "k", 1)):
        if value >= limit:
            return f"{value / limit:.{decimals}f} {unit}"
    return f"{value:.0f}"


def milliseconds(microseconds):
    return f"{microseconds / 1000:.3g}"


def pace(result):
    return f"{result['window']} in flight" if "window" in result else f"{result['rate']:g} messages/s"


def spread(runs, key):
    values = [key(result) for result in runs.values()]
    return f"{count(statistics.median(values))} ({count(min(values))}–{count(max(values))})"


def paired(ours, theirs, key):
    """The median of ours over theirs, repetition by repetition."""
    ratios = [key(ours[r]) / key(theirs[r]) for r in ours.keys() & theirs.keys() if key(theirs[r])]
    return f"{statistics.median(ratios):.2f}" if ratios else "–"


def cleanliness(runs):
    return f"{sum(map(is_clean, runs.values()))}/{len(runs)}"


def deliveries(result):
    return result["measured"]["deliveries_per_s"]


def cost(result):
    return result["measured"]["server_cpu_s_per_million"] or 0


def latency(name):
    return lambda result: result["measured"]["latency_us"][name]


def faults(runs):
    return sum(result[key] for result in runs.values() for key in ("lost", "duplicate", "altered"))


def fanout(groups):
    cases = collections.defaultdict(dict)
    for (run, name, case), runs in groups.items():
        if run == "fanout" and case[2] in ("fanout", "deflate"):
            cases[case][name] = runs
    for case, servers in cases.items():
        subscribers, text, what = case
        print(f"\n### {subscribers:,} subscribers, {text}{', every message compressed' * (what == 'deflate')}\n")
        print("| Server | deliveries/s | p50 ms | p99 ms | p99.9 ms | max ms | server CPU s/M "
              "| ours ÷ it: deliveries/s | ours ÷ it: CPU | faults | clean |")
        print("|---|" + "---|" * 10)
        for name, runs in servers.items():
            used = chosen(runs)
            ratios = ["", ""]
            if name != OURS and OURS in servers:
                ratios = [paired(servers[OURS], runs, deliveries), paired(servers[OURS], runs, cost)]
            times = [milliseconds(middle(used, latency(key))) for key in ("p50", "p99", "p99_9", "max")]
            row = [name, spread(used, deliveries), *times, f"{middle(used, cost):.3f}", *ratios, faults(runs),
                   cleanliness(runs)]
            print("| " + " | ".join(map(str, row)) + " |")


def idle(groups):
    cases = [(name, case, runs) for (run, name, case), runs in groups.items() if run == "idle"]
    if not cases:
        return
    print("\n### Idle connections\n\n| Server | connections | state | RSS bytes each | CPU µs a connect "
          "| ours ÷ it: CPU |\n|---|" + "---|" * 5)
    ours = groups.get(("idle", OURS, next((case for name, case, _ in cases if name == OURS), None)), {})
    for name, (connections, text, _), runs in cases:
        ratio = "" if name in (OURS, "coordinator") else paired(ours, runs, lambda r: r["connect_cpu_us"])
        row = [name, f"{connections:,}", text, spread(runs, lambda r: r["rss_bytes_per_connection"]),
               spread(runs, lambda r: r["connect_cpu_us"]), ratio]
        print("| " + " | ".join(map(str, row)) + " |")


def allocations(groups):
    cases = [(name, case, run) for (kind, name, case), runs in groups.items() if case[2] == "allocations"
             for run in runs.values()]
    if not cases:
        return
    print("\n### Allocations while messages flow\n\n| Server | subscribers | pace | messages | deliveries "
          "| blocks taken | blocks freed | taken a message | taken a delivery |\n|---|" + "---|" * 8)
    for name, (subscribers, text, _), run in cases:
        measured = run["measured"]
        sent = round(measured["deliveries_per_s"] * measured["seconds"])
        row = [name, f"{subscribers:,}", text, round(sent / subscribers), sent, measured["allocations"], measured["frees"], f"{measured['allocations'] * subscribers / sent:.2f}",
               f"{measured['allocations'] / sent:.6f}"]
        print("| " + " | ".join(map(str, row)) + " |")


def storm(groups):
    cases = [(case, runs) for (run, _, case), runs in groups.items() if run == "storm"]
    if not cases:
        return
    print("\n### Reconnect storm: the coordinator killed with -9 and started again\n\n| Agents | back | it listens, s "
          "| half are back, s | 99 %, s | all, s | attempts an agent | lost again | its CPU, s |\n|---|" + "---|" * 8)
    for (agents, _, _), runs in cases:
        def times(key):
            values = [run[key] for run in runs.values() if run.get(key) is not None]
            return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})" if values else "–"
        row = [f"{agents:,}", min(run["back"] for run in runs.values()), times("listening_s"), times("welcome_p50_s"),
               times("welcome_p99_s"), times("welcome_all_s"),
               f"{middle(runs, lambda r: r['attempts']) / agents:.2f}", sum(r["lost_again"] for r in runs.values()),
               times("server_cpu_s")]
        print("| " + " | ".join(map(str, row)) + " |")


def ingest(groups):
    cases = [(case, runs) for (run, _, case), runs in groups.items() if run == "ingest"]
    if not cases:
        return
    print("\n### Ingest: the coordinator, nobody listening\n")
    print("| Agents | pace of each | sample bytes | samples/s | server CPU s/M samples | CPU share | RSS a node, kB "
          "| unacknowledged | clean |\n|---|" + "---|" * 8)
    for (agents, text, _), runs in cases:
        used = chosen(runs)
        row = [f"{agents:,}", text.replace("messages", "samples"), middle(used, lambda r: r["sample_bytes"]),
               spread(used, lambda r: r["measured"]["samples_per_s"]), f"{middle(used, cost):.2f}",
               f"{middle(used, lambda r: r['measured']['server_cpu_share']):.2f}",
               f"{middle(used, lambda r: r['rss_bytes_per_node']) / 1000:.1f}",
               sum(result["unacknowledged"] for result in runs.values()), cleanliness(runs)]
        print("| " + " | ".join(map(str, row)) + " |")


def whole_path(groups):
    cases = [(case, runs) for (run, _, case), runs in groups.items() if run == "nodes" and case[2] != "allocations"]
    bare = [runs for (run, _, case), runs in groups.items() if run == "fanout" and case[2] == "bare"]
    if not cases:
        return
    print("\n### The whole path: agents to authenticated subscribers of `nodes`\n")
    print("| What | subscribers | pace | event bytes | deliveries/s | p50 ms | p99 ms | max ms | server CPU s/M "
          "| faults | clean |\n|---|" + "---|" * 10)
    for (subscribers, text, agents), runs in cases:
        path_row(f"coordinator, {agents} agent" + ("s" if agents != 1 else ""), subscribers, text, runs,
                 middle(runs, lambda r: r["event_bytes"]))
    for runs in bare:
        first = next(iter(runs.values()))
        path_row("bare fan-out, same size", first["subscribers"], pace(first), runs,
                 middle(runs, lambda r: r["bytes"]))
        for (subscribers, text, _), whole in cases:
            if (subscribers, text) == (first["subscribers"], pace(first)):
                print(f"\nThe whole path makes {paired(whole, runs, deliveries)} × the bare fan-out's deliveries/s at "
                      f"{paired(whole, runs, cost)} × its CPU (medians of paired runs).")


def path_row(what, subscribers, text, runs, size):
    used = chosen(runs)
    times = [milliseconds(middle(used, latency(key))) for key in ("p50", "p99", "max")]
    row = [what, f"{subscribers:,}", text, f"{size:.0f}", spread(used, deliveries), *times, f"{middle(used, cost):.3f}",
           faults(runs), cleanliness(runs)]
    print("| " + " | ".join(map(str, row)) + " |")


def dialects(lines):
    """The waits of each dialect's clients; a run of another server right behind one is what it is compared with."""
    runs = collections.defaultdict(list)
    beside = collections.defaultdict(list)
    previous = None
    for line in lines:
        result = line["result"]
        if result["run"] == "dialects" and "held_rss_bytes" not in result:
            previous = result["dialect"], result["subscribers"]
            runs[previous].append(result)
        elif result["run"] == "fanout" and previous and result["name"] != "coordinator":
            beside[previous].append(latency("p99")(runs[previous][-1]) / latency("p99")(result))
            previous = None
        else:
            previous = None
    if runs:
        print("\n### What the clients of a dialect wait for, 1,000 connections of all dialects open\n")
        print("| Dialect | subscribers | event bytes | connected, p50 ms | p99 ms | event at all, p50 ms | p99 ms "
              "| event at each, p99 ms | ours ÷ it: p99 | faults |\n|---|" + "---|" * 9)
    for (dialect, subscribers), results in runs.items():
        def value(name, results=results):
            middle_run = statistics.median(result["measured"][name] for result in results)
            return milliseconds(middle_run) if middle_run else ""

        ratios = beside[dialect, subscribers]
        row = [dialect, f"{subscribers:,}", results[0]["event_bytes"], value("connect_p50_us"),
               value("connect_p99_us"), value("last_p50_us"), value("last_p99_us"),
               milliseconds(statistics.median(map(latency("p99"), results))),
               f"{statistics.median(ratios):.2f}" if ratios else "",
               sum(result[key] for result in results for key in ("lost", "duplicate", "altered"))]
        print("| " + " | ".join(map(str, row)) + " |")
    for line in lines:
        result = line["result"]
        if "held_rss_bytes" in result:
            sizes = [int(size) for size in result["held_rss_bytes"].split()]
            print(f"\n{result['standing'] + result['subscribers']:,} connections held: resident MB at the beginning "
                  "and after each tenth of the time " + ", ".join(f"{size / 1e6:.1f}" for size in sizes) + ".")


def processor():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return f"{len(models)} × {models[0]}" if models else platform.machine()


def case_of(result):
    """What makes runs comparable: who took part, at what pace, and the table it belongs to."""
    kind = result["run"]
    if kind == "idle":
        text = ", ".join(["joined `nodes`"] * result["joined"] + ["deflate agreed"] * result["deflate"])
        return result["connections"], text or "open", ""
    if kind == "storm":
        return result["agents"], "", ""
    if "allocations" in result["measured"]:
        return result["subscribers"], pace(result) + ", compressed" * result.get("deflate", False), "allocations"
    if kind == "fanout":
        table = "deflate" if result["deflate"] else "fanout" if result["bytes"] == 300 else "bare"
        return result["subscribers"], pace(result), table
    if kind == "nodes":
        return result["subscribers"], pace(result), result["agents"]
    return result["agents"], pace(result), ""


def main():
    groups = collections.defaultdict(dict)
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    for line in lines:
        result = line["result"]
        kind = result["run"]
        if kind != "dialects":
            groups[kind, result["name"], case_of(result)][line["repetition"]] = result
    print(f"Machine: {processor()}, Linux {platform.release()}.")
    fanout(groups)
    allocations(groups)
    idle(groups)
    ingest(groups)
    storm(groups)
    whole_path(groups)
    dialects(lines)


main()
