#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check a dossier with nothing but this file and Python's standard library.

    check-dossier.py FILE [KEY]

KEY is the 64 hexadecimal digits of the journal's public key, as the operator has published it;
without it the key that the dossier names is believed. Checked are: the signature (ed25519,
RFC 8032), that totals, times and bounds are those of the lines of the cases, that the sample is the one
that the seed draws, that each sampled event is in the journal (RFC 9162, 2.1.3) and says what its
case says. Exit status 1 names the first thing that does not check.
"""
import hashlib
import json
import math
import sys

ACCEPTING = ("match", "reviewed", "order", "deadline")

# --- ed25519, verification only (RFC 8032, 5.1.7 and 6) ---
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * t1 * t2 * D % P
    h = 2 * z1 * z2 % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_of(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def signed(key, message, signature):
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    a, r = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    return same(times(s, base), add(r, times(h, a)))


# --- the journal's tree ---
def leaf_of(event):
    raw = b"\0" + event["seq"].to_bytes(8, "big", signed=True)
    raw += event["at"].to_bytes(8, "big", signed=True)
    for name in ("who", "what", "subject", "before", "after", "why"):
        text = event[name].encode()
        raw += len(text).to_bytes(8, "big") + text
    return hashlib.sha256(raw).digest()


def in_tree(event, size, root):
    at, last = event["seq"] - 1, size - 1
    if not 0 <= at <= last:
        return False
    node = leaf_of(event)
    for step in event["path"]:
        other = bytes.fromhex(step)
        if last == 0:
            return False
        if at & 1 or at == last:
            node = hashlib.sha256(b"\1" + other + node).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\1" + node + other).digest()
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


# --- the dossier ---
class Wrong(Exception):
    pass


def need(good, words):
    if not good:
        raise Wrong(words)


def drawn(seed, count, wanted):
    known = []
    k = 0
    while len(known) < wanted:
        digest = hashlib.sha256(seed + k.to_bytes(8, "big")).digest()
        number = int.from_bytes(digest[:8], "big") % count
        if number not in known:
            known.append(number)
        k += 1
    return known


def read_head(lines):
    head, reasons, senders, times = {}, {}, [], {}
    need(next(lines, None) == "licet dossier 2", "this is not a dossier")
    for line in lines:
        name, _, value = line.partition(" ")
        if name == "cases":
            return head, reasons, senders, times, int(value)
        if name == "reason":
            word, count = value.split(" ")
            reasons[word] = int(count)
        elif name == "sender":
            parts = value.split(" ")
            senders.append((parts[0], [int(x) for x in parts[1:]]))
        elif name == "time":
            parts = value.split(" ")
            times[parts[0]] = [int(x) for x in parts[1:]]
        else:
            head[name] = value
    raise Wrong("the cases are missing")


def read_cases(lines, count, senders):
    cases, reasons, times = [], {}, {"all": []}
    sums = [[0, 0, 0, 0] for _ in senders]
    before = ""
    for _ in range(count):
        parts = next(lines, "").split(" ")
        need(len(parts) >= 7, "a case has seven parts")
        item, sender, outcome, reason, kind, ms, seq = parts[:7]
        need(item > before, "case %s stands twice, or out of order" % item)
        need(outcome == ("A" if reason in ACCEPTING else "D"),
             "case %s: outcome and reason do not go together" % item)
        own = sums[int(sender)]
        own[0] += outcome == "A"
        own[1] += outcome == "D"
        own[2] += "put_back" in parts[7:]
        own[3] += "countered" in parts[7:]
        times["all"].append(int(ms))
        times.setdefault(kind, []).append(int(ms))
        reasons[reason] = reasons.get(reason, 0) + 1
        cases.append((item, int(sender), reason, int(seq)))
        before = item
    return cases, reasons, sums, {k: v for k, v in times.items() if v}


def interval(part, of):
    """Wilson, 95 %, in 10^-6."""
    if not of:
        return 0, 1000000
    z, p = 1.959964, part / of
    middle = p + z * z / (2 * of)
    spread = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = ((middle + s * spread) / (1 + z * z / of) * 1e6 for s in (-1, 1))
    return max(0, math.floor(low)), min(1000000, math.ceil(high))


def check_times(said, times):
    need(set(said) == set(times), "the classes of the times are not those of the cases")
    for kind, ms in times.items():
        ms.sort()
        own = [len(ms)] + [ms[(p * len(ms) + 999) // 1000 - 1] for p in (500, 900, 990)]
        need(said[kind] == own, "the times of %s are not those of the cases" % kind)


def check_totals(head, said, senders, cases, reasons, sums):
    for (name, figures), own in zip(senders, sums):
        need(figures[1:5] == own, "sender %s: %s said, %s counted" % (name, figures[1:5], own))
        need(all(abs(a - b) <= 1 for a, b in zip(figures[5:], interval(own[0], own[0] + own[1]))),
             "sender %s: the bounds are not those of its figures" % name)
    accepted, declined, back, countered = (sum(own[i] for own in sums) for i in range(4))
    need(countered == int(head["counter_notices"]), "the counter-notices do not add up")
    received = sum(figures[0] for _, figures in senders)
    need(received == int(head["requests"]), "the requests do not add up")
    need(accepted == int(head["accepted"]), "the accepted requests do not add up")
    need(declined == int(head["turned_down"]), "the refusals do not add up")
    need(back == int(head["put_back"]), "what was put back does not add up")
    need(received - len(cases) == int(head["undecided"]), "the undecided do not add up")
    need(reasons == said, "the reasons do not add up")


def check_sample(lines, head, cases, senders):
    root, size = bytes.fromhex(head["root"]), int(head["size"])
    seed = bytes.fromhex(head["seed"])
    need(seed == hashlib.sha256(root + head["beacon"].encode()).digest(),
         "the seed is not made of root and beacon")
    name, _, count = next(lines, "").partition(" ")
    need(name == "sample", "the sample is missing")
    for number in drawn(seed, len(cases), int(count)):
        need(next(lines, "") == "case %d" % number, "case %d was drawn and is missing" % number)
        item, sender, reason, seq = cases[number]
        notice, decided = json.loads(next(lines)), json.loads(next(lines))
        for event in (notice, decided):
            need(in_tree(event, size, root), "event %d is not in the journal" % event["seq"])
        after = json.loads(decided["after"])
        need(decided["subject"] == item and decided["seq"] == seq and after["reason"] == reason
             and after["sender"] == senders[sender][0] and after["notice"] == notice["subject"]
             and notice["what"] == "notice.received",
             "event %d does not say what case %s says" % (decided["seq"], item))
    need(next(lines, None) is None, "something stands behind the sample")
    return int(count)


def check(data, key):
    body, mark, tail = data.rpartition(b"signature ")
    need(mark and tail.endswith(b"\n"), "it does not end with its signature")
    lines = iter(body.decode().split("\n")[:-1])
    head, said, senders, said_times, count = read_head(lines)
    key = key or head["key"]
    need(signed(bytes.fromhex(key), body, bytes.fromhex(tail.decode().strip())),
         "the signature is not of the key over these bytes")
    cases, reasons, sums, times = read_cases(lines, count, senders)
    check_times(said_times, times)
    check_totals(head, said, senders, cases, reasons, sums)
    sampled = check_sample(lines, head, cases, senders)
    print("%s requests in %s notices: %s accepted, %s turned down, %s put back, %s undecided"
          % tuple(head[n] for n in ("requests", "notices", "accepted", "turned_down", "put_back",
                                    "undecided")))
    for reason in sorted(reasons, key=lambda r: -reasons[r]):
        print("  %8d  %s" % (reasons[reason], reason))
    if not head["beacon"]:
        print("no beacon: the seed is the operator's own, who could have tried several and kept one")
    print("signed by %s; %d cases in full, each in the journal of %s events"
          % (key, sampled, head["size"]))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        with open(sys.argv[1], "rb") as f:
            check(f.read(), sys.argv[2] if len(sys.argv) == 3 else None)
    except (Wrong, ValueError, KeyError, IndexError, StopIteration) as wrong:
        print("%s: %s" % (sys.argv[1], wrong))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
