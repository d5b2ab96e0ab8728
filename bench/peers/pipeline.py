"""RAW into three tables with the fastest libraries: 50 pages a pull, every row validated, COPY and upsert, acknowledged after
the commit. Arguments: address of NATS, seed of its operator, address of Postgres, folder of schemas, number of pages."""

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path

import asyncpg
import jsonschema_rs
import nats
import orjson

ANIME = "mal_id int, title text, type text, status text, episodes int, aired_from text"
OBSERVED = "captured_at timestamptz, score float8, scored_by int, rank int, popularity int, members int, favorites int"
TABLES = f"""
    create table peer_anime ({ANIME}, captured_at timestamptz, primary key (mal_id));
    create table peer_observation (mal_id int, {OBSERVED}, primary key (mal_id, captured_at));
    create table peer_ranking (run text, position int, mal_id int, primary key (run, position));
    create temp table staging ({ANIME}, {OBSERVED}, run text, position int);"""
UPSERTS = """
    insert into peer_anime
    select distinct on (mal_id) mal_id, title, type, status, episodes, aired_from, captured_at
    from staging order by mal_id, captured_at desc
    on conflict (mal_id) do update set title = excluded.title, type = excluded.type, status = excluded.status,
        episodes = excluded.episodes, aired_from = excluded.aired_from, captured_at = excluded.captured_at
    where peer_anime.captured_at < excluded.captured_at;
    insert into peer_observation
    select distinct on (mal_id, captured_at)
        mal_id, captured_at, score, scored_by, rank, popularity, members, favorites
    from staging order by mal_id, captured_at, position on conflict do nothing;
    insert into peer_ranking select distinct on (run, position) run, position, mal_id from staging
    order by run, position on conflict (run, position) do update set mal_id = excluded.mal_id;
    truncate staging;"""


async def main(url, seed, postgres, schemas, pages):
    def validator(kind):
        return jsonschema_rs.validator_for(orjson.loads(Path(schemas, f"{kind}.v1.json").read_bytes())).is_valid

    is_anime, is_genre = validator("anime"), validator("genre")
    client = await nats.connect(url, nkeys_seed=seed, inbox_prefix=b"_INBOX.operator")
    database = await asyncpg.connect(postgres)
    await database.execute(TABLES)
    messages = await client.jetstream().pull_subscribe("raw.>", "peer", "RAW", nats.js.api.ConsumerConfig(name="peer"))
    started, processor, done, rows = time.perf_counter(), time.process_time(), 0, 0
    coming = asyncio.ensure_future(messages.fetch(50))
    while done < pages:
        batch = await coming
        if done + len(batch) < pages:
            coming = asyncio.ensure_future(messages.fetch(50))
        staged = []
        for message in batch:
            data = orjson.loads(message.data)["data"]
            if message.subject == "raw.genres":
                rows += sum(map(is_genre, data))
                continue
            captured_at = datetime.fromisoformat(message.headers["ce-time"])
            run, first = message.headers["Kansoku-Run"], (int(message.headers["Kansoku-Page"]) - 1) * 25
            staged += [
                (row["mal_id"], row["title"], row["type"], row["status"], row["episodes"], row["aired"]["from"],
                 captured_at, row["score"], row["scored_by"], row["rank"], row["popularity"], row["members"],
                 row["favorites"], run, first + index)
                for index, row in enumerate(data) if is_anime(row)
            ]
        async with database.transaction():
            await database.copy_records_to_table("staging", records=staged)
            await database.execute(UPSERTS)
        for message in batch:
            await message.ack()
        done, rows = done + len(batch), rows + len(staged)
    await client.flush()
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    await client.jetstream().delete_consumer("RAW", "peer")
    await client.close()
    print(orjson.dumps({"rows": rows, "seconds": seconds, "processor": processor}).decode())


asyncio.run(main(*sys.argv[1:5], int(sys.argv[5])))
