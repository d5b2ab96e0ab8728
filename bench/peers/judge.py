"""Parses the bodies of an archive and validates every row, in one thread. Arguments: archive, folder of schemas."""

import sys
import time
from pathlib import Path

import jsonschema_rs
import orjson

archive, schemas = sys.argv[1:]
validators = {
    kind: jsonschema_rs.validator_for(orjson.loads(Path(schemas, f"{kind}.v1.json").read_bytes()))
    for kind in ("anime", "genre")
}
captures = [orjson.loads(line) for line in Path(archive).read_bytes().splitlines()]
pages = [
    (capture["body"].encode(), validators["genre" if capture["dataset"] == "genres" else "anime"].is_valid)
    for capture in captures
]
rows = 0
started, processor = time.perf_counter(), time.process_time()
for body, is_valid in pages:
    rows += sum(map(is_valid, orjson.loads(body)["data"]))
seconds, processor = time.perf_counter() - started, time.process_time() - processor
print(orjson.dumps({"rows": rows, "seconds": seconds, "processor": processor}).decode())
