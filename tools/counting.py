"""How methods count: from what was added up on a question, in the open or under seal, to the numbers shown and to the
ledger's bytes. Majority judgment by another algorithm than urne's own; rankings in `runoffs.py`.
"""
import math
from dataclasses import dataclass

from encoding import enc, enc_list
from runoffs import count_instant_runoff, count_scottish_stv


@dataclass
class Tally:
    """What the ballots say on one question together: `marks` by choice, or by choice and grade; of rankings all that are not blank."""
    marks: list
    blank: int
    ballots: int


def added_up(question, answers):
    """The answers of ballots in the open."""
    choices = range(len(question["choices"]))
    blank = sum(it[0] == "blank" for it in answers)
    kind = question["method"]["kind"]
    if kind == "approval":
        marks = [sum(it[0] == "approvals" and i in it[1] for it in answers) for i in choices]
    elif kind == "majority_judgment":
        grades = range(len(question["method"]["grades"]))
        marks = [[sum(it[0] == "grades" and it[1][i] == grade for it in answers) for grade in grades] for i in choices]
    elif kind in ("instant_runoff", "scottish_stv"):
        marks = [[choice for rank in it[1] for choice in rank] for it in answers if it[0] == "ranking"]
    else:
        marks = [sum(it == ("choice", i) for it in answers) for i in choices]
    return Tally(marks, blank, len(answers))


def ranks_of(n, is_better):
    return [1 + sum(is_better(other, one) for other in range(n)) for one in range(n)]


def by_name(question, values):
    return dict(zip(question["choices"], values))


def count_referendum(question, tally, registered):
    (favour, against), blank = tally.marks, tally.blank
    base = (favour + against, favour + against + blank, registered)[question["method"]["base"]]
    reached = (favour > against, 2 * favour > base, 5 * favour >= 3 * base, 3 * favour >= 2 * base)
    adopted = reached[question["method"]["threshold"]] and favour > 0
    shown = {"tally": by_name(question, [favour, against]), "blank": blank, "base": base, "adopted": adopted}
    return shown, b"".join((enc(favour, 8), enc(against, 8), enc(blank, 8), enc(0 if adopted else 1, 4), enc(base, 8)))


def most_votes(question, votes):
    ranks = ranks_of(len(votes), lambda a, b: votes[a] > votes[b])
    winners = [i for i, rank in enumerate(ranks) if rank == 1 and sum(votes)]
    return ranks, winners, [question["choices"][i] for i in winners]


def count_plurality(question, tally, _):
    votes, blank = tally.marks, tally.blank
    ranks, winners, names = most_votes(question, votes)
    absolute = 2 * max(votes) > sum(votes)
    shown = {"tally": by_name(question, votes), "winners": names, "ranks": by_name(question, ranks), "blank": blank,
             "absolute_majority": absolute}
    return shown, b"".join((enc_list(votes, 8), enc(blank, 8), enc_list(ranks, 2), enc_list(winners, 2),
                            enc(0 if absolute else 1, 4)))


def count_approval(question, tally, _):
    votes, blank, ballots = tally.marks, tally.blank, tally.ballots
    ranks, winners, names = most_votes(question, votes)
    order = sorted(range(len(votes)), key=lambda i: ranks[i])
    shown = {"tally": by_name(question, votes), "winners": names, "blank": blank, "ballots": ballots,
             "order": [question["choices"][i] for i in order]}
    return shown, b"".join((enc_list(votes, 8), enc(ballots, 8), enc(blank, 8), enc_list(ranks, 2), enc_list(winners, 2)))


def median(row):
    """The lower median of the judgments, and whether more are above than below; none without a judgment."""
    seen = 0
    for grade, n in enumerate(row):
        seen += n
        if n and 2 * seen >= sum(row):
            return grade, sum(row[grade + 1:]) > sum(row[:grade])
    return None


def majority_value(row):
    """The grades from the middle outwards, as (how far, grade below, grade above): each judgment counts twice, so that the
    middle lies between two."""
    total = sum(row)
    steps, at = [], 0
    while at < total:
        seen, edges = 0, []
        for grade, n in enumerate(row):
            edges.append((seen, seen + 2 * n, grade))
            seen += 2 * n
        below = next(it for it in edges if it[0] <= total - 1 - at < it[1])
        above = next(it for it in edges if it[0] <= total + at < it[1])
        at = min(total - below[0], above[1] - total)
        steps.append((at, below[2], above[2]))
    return steps


def is_judged_better(one, other):
    """Whichever has the better grade first, going outwards; rows have the same total, or none."""
    one, other = majority_value(one), majority_value(other)
    if not one or not other:
        return bool(one) and not other
    edges = sorted({step[0] for step in one} | {step[0] for step in other})
    for edge in edges:
        here, there = (next(step[1:] for step in it if edge <= step[0]) for it in (one, other))
        if here != there:
            return here > there
    return False


def count_majority_judgment(question, tally, _):
    rows, blank, voters, n = tally.marks, tally.blank, tally.ballots, len(question["choices"])
    missing = [voters - sum(row) for row in rows]
    full = [list(row) for row in rows]
    for row, more in zip(full, missing):
        nulls = question["method"]["nulls"]
        if nulls < 2:
            row[0 if nulls == 0 else (median(row) or (0, False))[0]] += more
    scale = math.lcm(*(sum(row) or 1 for row in full))
    full = [[scale // (sum(row) or 1) * it for it in row] for row in full]
    ranks = ranks_of(n, lambda a, b: is_judged_better(full[a], full[b]))
    winners = [i for i, rank in enumerate(ranks) if rank == 1 and blank < voters]
    medians = [median(row) for row in full]
    mention = [it and question["method"]["grades"][it[0]] + "-+"[it[1]] for it in medians]
    shown = {"winner": [question["choices"][i] for i in winners], "ranks": by_name(question, ranks),
             "profiles_worst_to_best": by_name(question, full), "median": by_name(question, mention), "voters": voters,
             "no_opinion": by_name(question, missing), "blank": blank}
    enc_median = [b"\1" + enc(it[0], 1) + enc(0 if it[1] else 1, 4) if it else b"\0" for it in medians]
    return shown, b"".join((enc(n, 8), *(enc_list(row, 8) for row in rows), enc_list(missing, 8), enc(voters, 8),
                            enc(blank, 8), enc_list(ranks, 2), enc_list(winners, 2), enc(n, 8), *enc_median))


# In the order of the ledger's results; two are not counted here.
RESULTS = ("referendum", "plurality", "approval", "majority_judgment", "k_of_n", "condorcet", "instant_runoff", "scottish_stv")
COUNTS = {"referendum": count_referendum, "plurality": count_plurality, "approval": count_approval,
          "majority_judgment": count_majority_judgment, "instant_runoff": count_instant_runoff,
          "scottish_stv": count_scottish_stv}
