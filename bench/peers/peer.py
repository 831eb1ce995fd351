"""The process of a peer. It answers each line of JSON on stdin with a line on stdout that begins with `peer: `."""

import json
import re
import sys
import time


def serve(peer):
    """
    `peer` has `version()`, `open()`, `step(count)`, which gives seconds and some of the numbers, and `decode()`,
    which gives seconds.
    """
    for line in sys.stdin:
        request = json.loads(line)
        answer = tasks[request["task"]](peer, request)
        print("peer: " + json.dumps(answer), flush=True)


def tell_version(peer, _):
    return {"version": peer.version()}


def tell_opening(peer, _):
    seconds, _ = timed(peer.open)
    return {"seconds": seconds}


def tell_step(peer, request):
    seconds, sample = peer.step(request["count"])
    return {"seconds": seconds, "sample": sample, **memory(peer)}


def tell_decode(peer, _):
    return {"seconds": peer.decode()}


def memory(peer):
    """Bytes: the most that was resident, file pages too, and what is resident now and no file's."""
    status = peer.status if hasattr(peer, "status") else memory_now()
    return {"peak": status["VmHWM"], "anonymous": status["RssAnon"]}


def memory_now():
    with open("/proc/self/status") as file:
        text = file.read()
    return {name: 1024 * int(re.search(name + r":\s+(\d+)", text)[1]) for name in ("VmHWM", "RssAnon")}


def timed(work):
    before = time.perf_counter()
    result = work()
    return time.perf_counter() - before, result


def sampled(values):
    """Eight numbers out of all, to compare with ours."""
    flat = values.reshape(-1)
    return [float(flat[index * len(flat) // 8]) for index in range(8)]


tasks = {"version": tell_version, "open": tell_opening, "step": tell_step, "decode": tell_decode}
