"""Clients who ask the API through the balance all the while, and keep book of every request."""

import collections
import http.client
import json
import queue
import random
import threading
import time

CLIENTS = 32
PATIENCE = 15
# Of a hundred questions so many are of the list of captures, which alone needs the table of their balances.
OF_CAPTURES = 5


def question(chance):
    """Nearly each is new, so a version's caches help it as little as they do at first."""
    if chance.randrange(100) < OF_CAPTURES:
        return f"/api/v1/runs?catalogue=sample&limit={chance.randint(1, 200)}"
    return f"/api/v1/analytics/top-anime?catalogue=sample&limit={chance.randint(5, 20)}&days={chance.randint(1, 90)}&since=" + chance.choice(("capture", "day", "week"))


# Before it counts: where a minute takes three seconds, a version's first requests, which connect it to Postgres, would weigh twenty times as much.
QUESTIONS = [question(random.Random(number)) for number in range(CLIENTS)]


class Load:
    """Asks within `with`, so many times a second, and waits for no answer before it asks again."""

    def __init__(self, port, per_second, seed):
        self.port, self.pace, self.chance = port, 1 / per_second, random.Random(seed)
        self.lock, self.over, self.asked = threading.Lock(), threading.Event(), queue.SimpleQueue()
        self.answers = collections.Counter()   # (server, status)
        self.said = collections.Counter()      # (server, what was asked, why it failed)
        self.lost = []                         # refused, cut or never answered: what was said
        self.threads = [threading.Thread(target=self.client, daemon=True) for _ in range(CLIENTS)]
        self.threads.append(threading.Thread(target=self.ask, daemon=True))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(2 * PATIENCE)

    def ask(self):
        due = time.monotonic()
        while not self.over.is_set():
            self.asked.put(question(self.chance))
            due += self.pace
            time.sleep(max(0, due - time.monotonic()))
        for _ in range(CLIENTS):
            self.asked.put(None)

    def client(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while path := self.asked.get():
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read()
                server = answer.getheader("x-served-by")
                with self.lock:
                    if server:
                        self.answers[server, answer.status] += 1
                        if answer.status != 200:
                            self.said[server, path.split("?")[0], json.loads(body)["detail"]] += 1
                    else:
                        self.lost.append(f"{answer.status} of the balance itself")
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                with self.lock:
                    self.lost.append(repr(error))
        connection.close()

    def total(self):
        """Requests that were asked and have ended."""
        with self.lock:
            return sum(self.answers.values()) + len(self.lost)

    def of(self, server):
        """The answers of a server, by status."""
        with self.lock:
            return {status: count for (name, status), count in sorted(self.answers.items()) if name == server}
