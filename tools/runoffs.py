"""How rankings count (docs/counting.md): the instant runoff, and the single transferable vote as Scotland counts it (Order 2007,
schedule 1, rules 45 to 52). Read as the rules are read aloud, one paper at a time, where urne itself moves equal papers together.
"""
from encoding import Fault, enc, enc_list
from primitives import derive_64

UNIT = 100_000  # votes of a transferable vote are integers of hundred-thousandths
FIRST_PREFERENCES, SURPLUS, EXCLUDE = "first_preferences", "surplus", "exclude"
ACTIONS = (FIRST_PREFERENCES, SURPLUS, EXCLUDE)


def option(value, n):
    return b"\0" if value is None else b"\1" + enc(value, n)


# ---- Among equals ----

def drawn(method, purpose, stage, tied):
    """One of them, and the lot as it is reported: drawn from the seed where there is one, else the first of the list."""
    place, seed = 0, method.get("seed")
    if seed:
        said = purpose.encode()
        stream = derive_64("urne 2026 public lot v1", b"".join(
            (seed, enc(len(said), 8), said, enc(stage, 8), *(enc(it, 8) for it in tied))))
        most = 2**64 - 1
        words = (int.from_bytes(stream[at:at + 8], "little") for at in range(0, 64, 8))
        fair = [it for it in words if it < most - most % len(tied)]
        if not fair:
            raise Fault("a lot whose first eight numbers are all thrown back is not drawn here")
        place = fair[0] % len(tied)
    return tied[place], {"stage": stage, "tied": tied, "chosen": tied[place]}


def told_apart(tied, stages, extreme):
    """Who had the most, or the fewest, at the latest stage at which they differed; and who are equal at the last one."""
    equals = None
    for votes in reversed(stages):
        kept = extreme(votes[it] for it in tied)
        tied = [it for it in tied if votes[it] == kept]
        equals = tied if equals is None else equals
    return tied, equals


def lot_bytes(lot):
    return enc(lot["stage"], 4) + enc_list(lot["tied"], 2) + enc(lot["chosen"], 2)


def lot_shown(names, lot):
    return lot and {"stage": lot["stage"], "tied": [names[it] for it in lot["tied"]], "chosen": names[lot["chosen"]]}


# ---- Instant runoff ----

def runoff(method, n, orders, blank):
    """Its rounds, who won and the lots that were drawn."""
    playing, rounds, history, lots = list(range(n)), [], [], []
    while True:
        votes, exhausted = dict.fromkeys(playing, 0), blank
        for order in orders:
            best = next((it for it in order if it in votes), None)
            if best is None:
                exhausted += 1
            else:
                votes[best] += 1
        rounds.append({"tally": votes, "exhausted": exhausted, "eliminated": None})
        history.append(votes)
        active = sum(votes.values())
        if not active:
            return rounds, playing, lots
        is_last = len(playing) <= 2 if method["stop"] else 2 * max(votes.values()) > active or len(playing) == 1
        extreme, purpose = (max, "winner") if is_last else (min, "elimination")
        tied, _ = told_apart(playing, history, extreme)
        chosen = tied[0]
        if len(tied) > 1:
            chosen, lot = drawn(method, purpose, len(rounds), tied)
            lots.append(lot)
        if is_last:
            return rounds, [chosen], lots
        rounds[-1]["eliminated"] = chosen
        playing.remove(chosen)


def count_instant_runoff(question, tally, _):
    names, n = question["choices"], len(question["choices"])
    rounds, winners, lots = runoff(question["method"], n, tally.marks, tally.blank)
    winners = winners if tally.blank < tally.ballots else []
    shown = {"rounds": [{"tally": {names[it]: votes for it, votes in row["tally"].items()}, "exhausted": row["exhausted"],
                         "eliminated": None if row["eliminated"] is None else names[row["eliminated"]]} for row in rounds],
             "winners": [names[it] for it in winners], "lots": [lot_shown(names, it) for it in lots],
             "ballots": tally.ballots, "blank": tally.blank}
    encoded = [enc(n, 8) + b"".join(option(row["tally"].get(it), 8) for it in range(n)) + enc(row["exhausted"], 8)
               + option(row["eliminated"], 2) for row in rounds]
    return shown, b"".join((enc(len(rounds), 8), *encoded, enc_list(winners, 2), enc(len(lots), 8), *map(lot_bytes, lots),
                            enc(tally.ballots, 8), enc(tally.blank, 8)))


# ---- Single transferable vote ----

class Transfer:
    """A count under way. A paper is its order, whose it is, and what it is worth."""

    def __init__(self, method, n, orders):
        self.method, self.n, self.seats = method, n, method["seats"]
        self.quota = len(orders) // (self.seats + 1) + 1  # rule 46
        self.valid, self.votes, self.papers = len(orders), [0] * n, []
        self.continuing, self.waiting, self.elected = set(range(n)), set(), []
        self.stages, self.ties = [], []
        for order in orders:
            self.give(order, UNIT)
        self.close(FIRST_PREFERENCES, None)

    def give(self, order, value):
        """To the next preference that still receives; to nobody when there is none."""
        for at, holder in enumerate(order):
            if holder in self.continuing:
                self.votes[holder] += value
                self.papers.append((holder, order[at + 1:], value))
                return

    def close(self, action, target):
        self.stages.append({"action": action, "target": target, "votes": list(self.votes),
                            "non_transferable": self.valid * UNIT - sum(self.votes), "elected_now": []})

    def elect(self, chosen):
        for it in sorted(chosen, key=lambda it: (-self.votes[it], it)):
            self.continuing.remove(it)
            if self.votes[it] > self.quota * UNIT:
                self.waiting.add(it)
            self.elected.append(it)
            self.stages[-1]["elected_now"].append(it)

    def choose(self, among, action):
        """Whose surplus moves first, or who leaves: rules 49 and 51, then the lot."""
        extreme, purpose = (max, "surplus") if action == SURPLUS else (min, "exclusion")
        tied, equals = told_apart(sorted(among), [stage["votes"] for stage in self.stages], extreme)
        chosen, lot = tied[0], None
        if len(tied) > 1:
            chosen, lot = drawn(self.method, purpose, len(self.stages), tied)
        if len(equals) > 1:
            self.ties.append({"stage": len(self.stages), "why": action, "tied": equals, "lot": lot})
        return chosen

    def run(self):
        while True:
            self.elect([it for it in self.continuing if self.votes[it] >= self.quota * UNIT])  # rule 47
            vacancies = self.seats - len(self.elected)
            if len(self.continuing) <= vacancies:
                self.elect(list(self.continuing))  # rule 52
                return
            if vacancies <= 0:
                return
            action = SURPLUS if self.waiting else EXCLUDE
            source = self.choose(self.waiting or self.continuing, action)
            total = self.votes[source]
            surplus = total - self.quota * UNIT
            self.waiting.discard(source)
            self.continuing.discard(source)
            self.votes[source] = self.quota * UNIT if action == SURPLUS else 0
            moving = [it for it in self.papers if it[0] == source]
            self.papers = [it for it in self.papers if it[0] != source]
            for _, rest, value in moving:
                # Rule 48(3): five decimals, whatever remains is ignored.
                self.give(rest, surplus * value // total if action == SURPLUS else value)
            self.close(action, source)


def decimals(votes):
    return f"{votes // UNIT}.{votes % UNIT:05}"


def count_scottish_stv(question, tally, _):
    names, n = question["choices"], len(question["choices"])
    count = Transfer(question["method"], n, tally.marks)
    count.run()
    elected = count.elected if tally.marks else []
    shown = {"quota": count.quota, "elected": [names[it] for it in elected], "valid": count.valid, "blank": tally.blank,
             "stages": [{"action": it["action"], "target": None if it["target"] is None else names[it["target"]],
                         "votes": dict(zip(names, map(decimals, it["votes"]))),
                         "non_transferable": decimals(it["non_transferable"]),
                         "elected_now": [names[one] for one in it["elected_now"]]} for it in count.stages],
             "ties": [{"stage": it["stage"], "why": it["why"], "tied": [names[one] for one in it["tied"]],
                       "lot": lot_shown(names, it["lot"])} for it in count.ties]}
    stages = [enc(ACTIONS.index(it["action"]), 4) + option(it["target"], 2) + enc_list(it["votes"], 8)
              + enc(it["non_transferable"], 8) + enc_list(it["elected_now"], 2) for it in count.stages]
    ties = [enc(it["stage"], 4) + enc(ACTIONS.index(it["why"]), 4) + enc_list(it["tied"], 2)
            + (b"\1" + lot_bytes(it["lot"]) if it["lot"] else b"\0") for it in count.ties]
    return shown, b"".join((enc(count.valid, 8), enc(tally.blank, 8), enc(count.quota, 8), enc_list(elected, 2),
                            enc(len(stages), 8), *stages, enc(len(ties), 8), *ties))
