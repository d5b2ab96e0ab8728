"""A name server for a cluster of one node: Services, and the pods behind headless ones."""

import socket
import struct
import threading
import time

DOMAIN = "svc.cluster.local"


class Names(threading.Thread):
    """Answers at an address until told to stop."""

    def __init__(self, address, get):
        super().__init__(daemon=True)
        self.get, self.known, self.over = get, {}, threading.Event()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        threading.Thread(target=self.learn, daemon=True).start()

    def learn(self):
        while not self.over.wait(0.5):
            try:
                self.known = self.read()
            except (AssertionError, ValueError):
                time.sleep(1)

    def read(self):
        known = {}
        for service in self.get("services", "-A")["items"]:
            if service["spec"].get("clusterIP", "None") != "None":
                known[name(service)] = [service["spec"]["clusterIP"]]
        for endpoints in self.get("endpoints", "-A")["items"]:
            found = [address for part in endpoints.get("subsets", []) for address in part.get("addresses", [])]
            known.setdefault(name(endpoints), [address["ip"] for address in found])
            known |= {f"{address['hostname']}.{name(endpoints)}": [address["ip"]] for address in found if "hostname" in address}
        return known

    def run(self):
        while not self.over.is_set():
            question, client = self.socket.recvfrom(2048)
            self.socket.sendto(self.answer(question), client)

    def answer(self, question):
        end, labels = 12, []
        while question[end]:
            labels.append(question[end + 1:end + 1 + question[end]].decode())
            end += question[end] + 1
        kind = struct.unpack(">H", question[end + 1:end + 3])[0]
        found = self.known.get(".".join(labels).lower())
        addresses = found if found and kind == 1 else []
        head = question[:2] + struct.pack(">HHHHH", 0x8180 | (0 if found is not None else 3), 1, len(addresses), 0, 0)
        return head + question[12:end + 5] + b"".join(b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 2, 4) + socket.inet_aton(address) for address in addresses)


def name(one):
    return f"{one['metadata']['name']}.{one['metadata']['namespace']}.{DOMAIN}"
