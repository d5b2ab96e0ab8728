//! An upstream changes a field. An operator sees what died of it, tries a corrected schema, deploys it, replays what passes,
//! and mends or gives up the rest: all with `kansoku`, against the real programs.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
    time::Duration,
};

use kansoku_acceptance::{operator::Operator, upstream::Upstream};
use kansoku_stack::{pipeline::Pipeline, process::Running, until};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{by_hand::Hand, export::letter, listed::exposes_what_is_listed};

const LIMIT: Duration = Duration::from_secs(60);
const PAGES: u32 = 20;
/// The rows of each page that change: one in five.
const ROWS: [u32; 5] = [0, 5, 10, 15, 20];
const DEAD: usize = 100;
/// Rows that the corrected schema does not take either: fault, page and row.
const WORSE: [(&str, u32, u32); 3] = [("aired-empty", 2, 5), ("aired-empty", 3, 10), ("score-text", 4, 15)];
pub(crate) const SCHEMA: &str = "anime.v1.json";
/// Why each thing is done.
const WHY: &str = "upstream sends plain dates";

/// The pipeline with one folder of schemas for all who judge, and an operator before it.
struct World {
    pipeline: Pipeline,
    schemas: TempDir,
    judges: [Running; 2],
    ada: Operator,
    others: [Running; 2],
    upstream: Upstream,
}

impl World {
    /// A ranking was captured from an upstream that sends one day in five without a time.
    async fn after_the_drift() -> Self {
        let pipeline = Pipeline::start().await.unwrap();
        let schemas = tempfile::tempdir().unwrap();
        let start = async |name: &str| {
            let mut service = pipeline.service(name).unwrap();
            if name != "loader" {
                let variable = format!("{}_SCHEMAS__OVERLAY", name.to_uppercase().replace('-', "_"));
                service = service.env(&variable, schemas.path());
            }
            let mut running = service.spawn().unwrap();
            running.ready().await.unwrap();
            running
        };
        let loader = start("loader").await;
        let judges = [start("validator").await, start("replayer").await];
        let others = [loader, start("query-api").await];
        let upstream = Upstream::start(&["--now", "2026-10-18T12:00:00Z"]).await.unwrap();
        drift(&upstream).await;
        capture(&pipeline, upstream.base());
        let api = others[1].url();
        let ada = Operator::add(&pipeline, &api, "ada", "read,act,edit").unwrap();
        Self { pipeline, schemas, judges, ada, others, upstream }
    }

    /// Copies a schema into the folder, and waits until all judge by it: this dead letter passes then.
    async fn deploy(&self, schema: &Path, root: &str) {
        fs::copy(schema, self.schemas.path().join(SCHEMA)).unwrap();
        let deployed = async || {
            let says = |judge: &Running| judge.logs().contains("the schemas have changed: judging by");
            self.judges.iter().all(says)
                && self.ada.kansoku(&["dlq", "show", root, "--json"]).json()["now"]["passes"] == true
        };
        until("all to take the schema up", LIMIT, deployed).await.unwrap();
    }

    /// The dead letters that a filter finds.
    fn items(&self, filter: &str) -> Vec<Value> {
        let list = self.ada.kansoku(&["dlq", "ls", filter, "--limit", "200", "--json"]);
        list.ends(0, &[]).json()["items"].as_array().unwrap().clone()
    }

    /// Waits until so many dead letters are as it says.
    async fn come_to(&self, condition: &str, items: usize) {
        let query = format!("select count(*) from dead_letter where {condition}");
        let there = async || {
            self.pipeline.number(&query).await.is_ok_and(|found| usize::try_from(found) == Ok(items))
        };
        until(&format!("{items} dead letters with {condition}"), LIMIT, there).await.unwrap();
    }

    /// The titles that are stored with another first day than the mended upstream sends.
    async fn other_days(&self) -> Vec<String> {
        self.upstream.switch_all_off().await.unwrap();
        let mut sent = HashMap::new();
        for page in 1..=PAGES {
            let path = format!("/v4/top/anime?filter=bypopularity&page={page}");
            let (_, text) = self.upstream.get(&path).await.unwrap();
            let page: Value = serde_json::from_str(&text).unwrap();
            for row in page["data"].as_array().unwrap() {
                sent.insert(
                    row["mal_id"].to_string(),
                    row["aired"]["from"].as_str().unwrap()[..10].to_owned(),
                );
            }
        }
        let stored = self.pipeline.json("select mal_id, aired_from from anime").await.unwrap();
        let differs = |row: &&Value| {
            sent.get(&row["mal_id"].to_string()).map(String::as_str) != row["aired_from"].as_str()
        };
        stored.iter().filter(differs).map(Value::to_string).collect()
    }

    /// Makes a plan, which ends with this code, and replays what passes.
    #[track_caller]
    fn replay(&self, filter: &str, code: i32, expected: usize) {
        let (ada, expected) = (&self.ada, expected.to_string());
        let plan = ada.kansoku(&["dlq", "plan", filter, "--json"]).ends(code, &[]).json();
        let plan = plan["plan"].as_str().unwrap();
        let replay = ["dlq", "replay", plan, "--canary", "10", "--yes", "--reason", WHY];
        ada.kansoku(&replay).ends(0, &[&format!("{expected} resolved")]);
    }
}

async fn drift(upstream: &Upstream) {
    let fault = |name: &str, page: u32, rows: Value| json!({"name": name, "path": "/v4/top/anime", "page": page, "rows": rows});
    let everywhere = (1..=PAGES).map(|page| fault("aired-date", page, json!(ROWS)));
    let worse = WORSE.map(|(name, page, row)| fault(name, page, json!([row])));
    for fault in everywhere.chain(worse) {
        upstream.switch_on(&fault).await.unwrap();
    }
}

fn capture(pipeline: &Pipeline, base: &str) {
    let pages = PAGES.to_string();
    let upstream = ["--base-url", base, "--source", "jikan-sim", "--catalogue", "sample", "--pages", &pages];
    let quickly = [("FETCHER_CLIENT__INTERVAL_MS", "1")];
    let once = ["once", "top.members"].into_iter().chain(upstream);
    let captured = pipeline.program("fetcher", &quickly, once).unwrap();
    assert!(captured.status.success(), "{}", String::from_utf8_lossy(&captured.stderr));
}

/// The schema, corrected so that a day needs no time.
pub(crate) fn corrected() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/json").join(SCHEMA);
    let (year, year_or_day) = (r#""^[0-9]{4}$""#, r#""^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$""#);
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(year), "the schema has another pattern for a year");
    text.replace(year, year_or_day)
}

#[tokio::test]
async fn what_an_upstream_broke_is_found_mended_and_accounted_for() {
    let world = World::after_the_drift().await;
    let ada = &world.ada;
    world.come_to("state = 'open'", DEAD).await;
    assert_eq!(world.items("state:open").len(), DEAD);

    // One group stands out, and says what it is.
    let groups = ada.kansoku(&["dlq", "groups"]);
    groups.ends(0, &["schema · /aired/from · pattern", "new"]);
    let groups = ada.kansoku(&["dlq", "groups", "path:/aired/from", "--json"]).json();
    let group = &groups["groups"][0];
    assert_eq!((&group["open"], &group["state"]), (&json!(DEAD), &json!("new")), "{groups}");
    let number = group["group"].to_string();
    ada.kansoku(&["dlq", "group", &number, "--owner", "ada", "--note", WHY]).ends(0, &["ada", WHY]);
    let root = world.items("path:/aired/from page:1")[0]["root"].as_str().unwrap().to_owned();
    ada.kansoku(&["dlq", "show", &root])
        .ends(0, &["\"from\":\"", "^^^^^^^^^^^^", "by the present schemas it fails"]);

    says_all_headers(&world, &root);

    // The corrected schema is tried before it is deployed.
    let schema = ada.file(SCHEMA, &corrected()).unwrap();
    let dry_run =
        ["dlq", "dry-run", "path:/aired/from", "--schema", schema.to_str().unwrap(), "--expect", "100"];
    ada.kansoku(&dry_run).ends(1, &["97 of 100", "accepted rows, 0 would now fail", "/aired/from", "/score"]);
    world.deploy(&schema, &root).await;

    world.replay("path:/aired/from state:open", 1, 97);
    assert_eq!(world.items("state:resolved").len(), 97);
    let stored = "select count(*) from observation";
    assert_eq!(world.pipeline.number(stored).await.unwrap(), 497);
    assert_eq!(world.other_days().await, Vec::<String>::new(), "the day that was sent is stored");

    // Of the three that are left one is mended and two are given up, one of these by mistake.
    let of = |path: &str| {
        let open = world.items(&format!("state:open path:{path}"));
        open.iter().map(|item| item["root"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let score = &of("/score")[0];
    let days: Vec<_> = of("/aired/from").into_iter().filter(|root| root != score).collect();
    let [taken_back, given_up] = &days[..] else { panic!("{days:?}") };
    let edit =
        |value: &str| ada.kansoku(&["dlq", "edit", score, "--set", value, "--reason", "as on the page"]);
    let refused = edit("/score=\"7.5\"");
    assert!(refused.code == Some(2) && refused.err.contains("/score"), "{refused:?}");
    edit("/score=7.5").ends(0, &["edited"]);
    world.replay(&format!("root:{}", score), 0, 1);
    for day in [taken_back, given_up] {
        ada.kansoku(&["dlq", "discard", day, "--reason", "no day is known"]).ends(0, &["discarded"]);
    }
    ada.kansoku(&["dlq", "undo", taken_back, "--reason", "a colleague knows it"]).ends(0, &["open"]);

    let audit = ada.kansoku(&["dlq", "audit", "--actor", "ada", "--limit", "200", "--json"]).json();
    let did = |action: &str| {
        audit["actions"].as_array().unwrap().iter().filter(|found| found["action"] == action).count()
    };
    assert_eq!(["edit", "discard", "restore", "group"].map(did), [1, 2, 1, 1], "{audit}");
    ada.kansoku(&["dlq", "audit", "--root", taken_back])
        .ends(0, &["ada", "restore", "a colleague knows it", "discard"]);
    // A colleague has no more than the nats command.
    let letter =
        ada.kansoku(&["dlq", "show", taken_back, "--json"]).json()["letters"][0]["seq"].as_i64().unwrap();
    let hand = Hand::replay(&world.pipeline, letter, |row| row.replace(r#""from":"""#, r#""from":null"#));
    world.come_to("state = 'resolved'", 99).await;
    assert!(hand.see().contains(r#""accepted":1"#), "{}", hand.see());
    ada.kansoku(&["doctor"]).ends(0, &["ada may read, act, edit"]);

    let ([validator, replayer], [loader, api]) = (&world.judges, &world.others);
    for (name, service) in
        [("validator", validator), ("replayer", replayer), ("loader", loader), ("query-api", api)]
    {
        exposes_what_is_listed(name, service).await;
    }

    // Everything is somewhere, until a dead letter is taken away behind everybody's back.
    ada.kansoku(&["ledger"]).ends(0, &["every row that came is accounted for"]);
    lose(&world.pipeline, given_up).await;
    let place: Vec<&str> = given_up.split(':').collect();
    // A person counts the rows of a page from 1.
    let row: u32 = place[2].parse().unwrap();
    let words = format!("row {} of page {}", row + 1, place[1]);
    ada.kansoku(&["ledger"]).ends(1, &["missing", &words]);
}

/// The loader leaves out of a column what others say, and the API puts it together again: an item shows the headers of its message.
fn says_all_headers(world: &World, root: &str) {
    let shown = world.ada.kansoku(&["dlq", "show", root, "--json"]).json();
    let shown_headers = shown["headers"].as_object().unwrap();
    let sent = letter(&world.pipeline, shown["letters"][0]["seq"].as_i64().unwrap()).unwrap();
    let is_ours =
        |name: &str| ["Dlq-", "Kansoku-", "ce-", "content-", "trace"].iter().any(|of| name.starts_with(of));
    let sent: BTreeMap<_, _> = sent.into_iter().filter(|(name, _)| is_ours(name)).collect();
    let shown_headers: BTreeMap<_, _> = shown_headers
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    assert!(sent.len() > 15, "{sent:?}");
    assert_eq!(shown_headers, sent);
}

/// Deletes an item as no program of ours does.
async fn lose(pipeline: &Pipeline, root: &str) {
    let item = format!("(select item from dead_letter where root = '{root}')");
    let tables = ["dead_letter_fault", "dead_letter_letter", "dead_letter"];
    let statements: String =
        tables.iter().map(|table| format!("delete from {table} where item = {item};")).collect();
    pipeline.execute(&statements).await.unwrap();
}
