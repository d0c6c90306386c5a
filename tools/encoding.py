"""The canonical encoding (docs/formats.md), read and written, and what is thrown when something does not hold."""


class Fault(Exception):
    """Something does not hold: a sentence and, where a numbered rule says so, its number."""

    def __init__(self, sentence, number=None):
        super().__init__(sentence if number is None else f"{sentence} ({number})")
        self.sentence, self.number = sentence, number

    def at(self, place):
        """The same, told with where it was found."""
        return Fault(f"{place}: {self.sentence}", self.number)


def need(holds, sentence, number=None):
    if not holds:
        raise Fault(sentence, number)


class Bytes:
    """Bytes, read from the left; what is left at the end is a fault."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        need(self.at + n <= len(self.data), "a record ends too early")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), "little")

    def u16(self):
        return self.number(2)

    def u32(self):
        return self.number(4)

    def u64(self):
        return self.number(8)

    def bytes(self):
        return self.take(self.u64())

    def text(self):
        return self.bytes().decode("utf-8")

    def list(self, item):
        n = self.u64()
        need(n <= len(self.data), "a list is longer than its record")
        return [item() for _ in range(n)]

    def option(self, item):
        there = self.number(1)
        need(there <= 1, "an option is neither there nor not")
        return item() if there else None

    def end(self):
        need(self.at == len(self.data), "bytes follow a record")


def enc(number, n):
    return number.to_bytes(n, "little")


def enc_list(items, n):
    return enc(len(items), 8) + b"".join(enc(it, n) for it in items)
