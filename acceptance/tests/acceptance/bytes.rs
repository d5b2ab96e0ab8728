//! Whatever bytes are put in as a bad row or a bad page come out of the API as they were: after the whole pipeline, after an edit
//! that is taken back, after DLQ has lost them, and after the projection was made again.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
};

use kansoku_acceptance::{ledger_balances, operator::Operator};
use kansoku_stack::{pipeline::Pipeline, world};
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

// As many as the API gives one client at once, twice.
const ROWS: usize = 72;
const PAGES: usize = 6;
/// Pages of bytes that are no page at all.
const LUMPS: usize = 20;
const ANY_CHAR: &str = "[^\"\\\\\u{0}-\u{1f}]{1,8}";

fn space() -> impl Strategy<Value = String> {
    "[ \t\r\n]{0,3}"
}

fn text() -> impl Strategy<Value = String> {
    let escape = prop::sample::select(vec![
        r"\u0000",
        r"\ud800",
        r"\ud83d\ude00",
        r"\/",
        r"\\",
        "\\\"",
        r"\n",
        r"\u001B",
        "\u{202e}",
        "<script>",
        "\u{7f}",
    ]);
    let part = prop_oneof![ANY_CHAR, escape.prop_map(str::to_owned)];
    vec(part, 0..4).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

/// Any text that is JSON, however it is written.
fn value() -> impl Strategy<Value = String> {
    let number = prop::sample::select(vec![
        "-0",
        "1e400",
        "0.1000",
        "12345678901234567890123",
        "1E-7",
        "true",
        "false",
        "null",
        "3",
    ]);
    let leaf = prop_oneof![text(), number.prop_map(str::to_owned)];
    leaf.prop_recursive(4, 24, 5, |inner| {
        let listed = vec((space(), inner.clone(), space()), 0..5);
        let key = prop_oneof![text(), Just("\"mal_id\"".to_owned()), Just("\"title\"".to_owned())];
        let member = (space(), key, space(), inner, space());
        let joined = |parts: Vec<String>| parts.join(",");
        prop_oneof![
            listed.prop_map(move |all| {
                format!("[{}]", joined(all.into_iter().map(|(a, value, b)| a + &value + &b).collect()))
            }),
            vec(member, 0..5).prop_map(move |all| {
                let member = |(a, key, b, value, c)| format!("{a}{key}{b}:{value}{c}");
                format!("{{{}}}", joined(all.into_iter().map(member).collect()))
            }),
        ]
    })
}

/// The bodies of the pages, and what is to die of each: rows by their index, or `None` the whole page.
struct World {
    bodies: Vec<Vec<u8>>,
    dead: BTreeMap<(u64, Option<u64>), Vec<u8>>,
}

fn world(seed: u64) -> World {
    let bytes: Vec<u8> = (0..4_u64).flat_map(|part| seed.wrapping_add(part).to_le_bytes()).collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut world = World { bodies: Vec::new(), dead: BTreeMap::new() };
    for _ in 0..PAGES {
        let page = world.bodies.len() as u64 + 1;
        let rows = vec((space(), value(), space()), ROWS / PAGES).new_tree(&mut runner).unwrap().current();
        for (index, (_, row, _)) in rows.iter().enumerate() {
            world.dead.insert((page, Some(index as u64)), row.clone().into_bytes());
        }
        let rows: Vec<_> = rows.into_iter().map(|(before, row, after)| before + &row + &after).collect();
        world.bodies.push(format!("{{\"data\":[{}]}}", rows.join(",")).into_bytes());
    }
    let lumps = vec(vec(any::<u8>(), 1..200), LUMPS - 2).new_tree(&mut runner).unwrap().current();
    let cut = [b"{\"data\":[{\"title\":\"\xff\xfe\"}]}".to_vec(), b"{\"data\":[{\"title\":\"a\x00b".to_vec()];
    for lump in lumps.into_iter().chain(cut) {
        world.dead.insert((world.bodies.len() as u64 + 1, None), lump.clone());
        world.bodies.push(lump);
    }
    world
}

fn body(ada: &Operator, root: &str) -> Vec<u8> {
    ada.get(&format!("/api/v1/operator/dead-letters/{root}/body")).unwrap()
}

/// Every dead letter's bytes, as the API gives them.
async fn bodies(pipeline: &Pipeline, ada: &Operator) -> BTreeMap<(u64, Option<u64>), Vec<u8>> {
    let items = pipeline.json("select root, page, row from dead_letter").await.unwrap();
    let one = |item: &serde_json::Value| {
        ((item["page"].as_u64().unwrap(), item["row"].as_u64()), body(ada, item["root"].as_str().unwrap()))
    };
    items.iter().map(one).collect()
}

#[track_caller]
fn assert_same(found: &BTreeMap<(u64, Option<u64>), Vec<u8>>, dead: &BTreeMap<(u64, Option<u64>), Vec<u8>>) {
    for (place, bytes) in dead {
        let there = found.get(place).unwrap_or_else(|| panic!("{place:?} is not dead"));
        assert_eq!(String::from_utf8_lossy(there), String::from_utf8_lossy(bytes), "{place:?}");
        assert_eq!(there, bytes, "{place:?}");
    }
    assert_eq!(found.len(), dead.len());
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a seed is told to its process")]
async fn the_bytes_that_came_are_the_bytes_that_are_shown() {
    let seed = std::env::var("KANSOKU_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(()));
    println!("KANSOKU_SEED={seed}");
    let World { bodies: pages, dead } = world(seed);
    let pipeline = Pipeline::start().await.unwrap();
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    let api = pipeline.ready("query-api").await.unwrap();
    let ada = Operator::add(&pipeline, &api.url(), "ada", "read,act,edit").unwrap();
    let count = u32::try_from(pages.len()).unwrap();
    let captures = pages.into_iter().zip(1..).map(|(body, page)| {
        world::capture("top.score".parse().unwrap(), "2026-10-18T12:00:00Z", page, count).with_body(body)
    });
    let file = ada.file("bytes.jsonl", "").unwrap();
    std::fs::write(&file, world::lines(&captures.collect::<Vec<_>>())).unwrap();
    pipeline.import(&file).unwrap();
    pipeline.at_rest().await.unwrap();
    assert_same(&bodies(&pipeline, &ada).await, &dead);
    let sums = "select sum(received) = sum(accepted) + sum(dead) and sum(received) = sum(stored) + sum(duplicate) + sum(dead)";
    let received = format!("select ((select sum(received) from page) = {ROWS} and ({sums} from page))::int");
    assert_eq!(
        pipeline.number(&received).await.unwrap(),
        1,
        "rows in = valid + dead, and = stored + duplicate + dead"
    );

    // An edit that is taken back leaves the bytes that came, in the detail as well.
    let texts = "select root from dead_letter where row in (1, 2) order by item limit 4";
    for item in pipeline.json(texts).await.unwrap() {
        let root = item["root"].as_str().unwrap();
        let text =
            || ada.kansoku(&["dlq", "show", root, "--json"]).json()["text"].as_str().unwrap().to_owned();
        let (came, other) = (text(), ada.file("other.json", "{\"mal_id\":7}\n").unwrap());
        let edit = ["dlq", "edit", root, "--file", other.to_str().unwrap(), "--force", "--reason", "a try"];
        ada.kansoku(&edit).ends(0, &[]);
        assert_eq!(text(), "{\"mal_id\":7}\n");
        ada.kansoku(&["dlq", "undo", root, "--reason", "it was right"]).ends(0, &[]);
        assert_eq!(text(), came);
        assert_eq!(String::from_utf8(body(&ada, root)).unwrap(), came);
    }

    // Somebody purges DLQ: nothing that is known is lost, not even when the projection is made again.
    pipeline.nats_cli(&["stream", "purge", "DLQ", "--force"]).unwrap();
    let database = [("LOADER_POSTGRES__URL", pipeline.database.url())];
    let rebuilt = pipeline.program("loader", &database, ["rebuild", "--dead-letters"]).unwrap();
    let said = String::from_utf8_lossy(&rebuilt.stdout);
    assert!(rebuilt.status.success() && said.contains("0 messages of DLQ"), "{rebuilt:?}");
    assert!(said.contains(&format!("{} that DLQ has no more", dead.len())), "{said}");
    assert_same(&bodies(&pipeline, &ada).await, &dead);
    ledger_balances(&pipeline).await.unwrap();
    ada.kansoku(&["ledger"]).ends(0, &["every row that came is accounted for"]);
}
