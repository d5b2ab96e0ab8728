//! Dead letters, actions and stored rows in any order give the same projection, and a rebuilding gives it again.

use bytes::Bytes;
use chrono::TimeDelta;
use kansoku_loader::{
    action::Action,
    letter::Letter,
    store::{Capacity, First, Progress, Store},
};
use kansoku_nats::{
    Outgoing,
    dead_letter::{Cause, DeadLetter, ServiceInstance},
    page as message,
};
use kansoku_schemas::{Page, Position, Reason, Root, Stage, Violation};
use kansoku_stack::{postgres::Database, until};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    common::{commit, dump, noon, page, replay, run_id, tables, wipe},
    harness::{Harness, SOON, meta, value},
};

/// The streams still have everything.
const ALL: First = First { epoch: 1, seq: 0 };
pub(crate) const PROGRESS: Progress = Progress {
    stream: "DLQ",
    epoch: 1,
    seq: 0,
    last_seq: 0,
    at: chrono::DateTime::UNIX_EPOCH,
    capacity: CAPACITY,
};
const CAPACITY: Capacity = Capacity { bytes: 0, max_bytes: None, full_at: None };

/// A fact about rows of page 1 of run 1.
#[derive(Debug, Clone)]
pub(crate) enum Fact {
    Letter(Box<Letter>),
    Action(Box<Action>),
    Stored(Box<Page>),
}

fn root(row: u32) -> Root {
    Root { run: run_id(1), page: 1, row: Some(row), stage: Stage::Validate }
}

fn violation(path: &str) -> Violation {
    let text = |text: &str| text.to_owned();
    Violation {
        instance_path: text(path),
        schema_path: text("/properties/x/type"),
        keyword: text("type"),
        message: text("it is wrong"),
    }
}

/// The dead letter of a row at an attempt, with faults at these places.
pub(crate) fn dead(row: u32, attempt: u32, faults: &[&str]) -> Outgoing {
    let raw = message::raw(&meta(1), Bytes::new());
    let cause = Cause {
        pointer: faults.first().copied().unwrap_or_default().to_owned(),
        errors: faults.iter().map(|path| violation(path)).collect(),
        ..Cause::plain(Reason::Schema, "it is wrong")
    };
    DeadLetter {
        headers: &raw.headers,
        origin: None,
        root: root(row),
        stage: Stage::Validate,
        parent: None,
        attempt,
        raw: Some(Position { epoch: 1_000, seq: 500 + u64::from(attempt * 10 + row) }),
        judge: "judge",
        dataset: "top.score",
        cause: &cause,
        body: format!("{{\"mal_id\":{row},\"title\":\"T{row}\"}}").into(),
        by: &ServiceInstance { service: "validator", version: "0", instance: "one".to_owned() },
        at: noon(23) + TimeDelta::minutes(i64::from(attempt)),
    }
    .build()
}

pub(crate) fn letter(row: u32, attempt: u32, faults: &[&str]) -> Fact {
    let Outgoing { subject, headers, body, .. } = dead(row, attempt, faults);
    let seq = u64::from(row * 10 + attempt + 1);
    let stored = kansoku_nats::Stored { subject, seq, time: noon(24), headers, body };
    Fact::Letter(Box::new(Letter::read(&stored, 1).unwrap()))
}

pub(crate) fn action(id: i64, row: u32, action: &str, n: Option<i32>, detail: Value) -> Fact {
    Fact::Action(Box::new(Action {
        id,
        at: noon(24),
        actor: "night-shift".to_owned(),
        action: action.to_owned(),
        root: Some(root(row).to_string()),
        version: None,
        n,
        plan: None,
        job: None,
        reason: Some("a reason".to_owned()),
        detail,
        audit_epoch: 1,
        audit_seq: id,
    }))
}

/// What somebody said of the rows whose score is wrong.
fn said(id: i64, set: Value) -> Fact {
    let about = json!({"reason": "schema", "path": "/score", "keyword": "type", "set": set});
    let Fact::Action(action) = action(id, 0, "group", None, about) else { unreachable!() };
    Fact::Action(Box::new(Action { root: None, ..*action }))
}

/// Rows that end in every state, with all that happened to them.
pub(crate) fn facts() -> Vec<Fact> {
    let replayed = |id: i64, row, n| action(id, row, "replay", Some(n), json!({}));
    vec![
        letter(0, 0, &["/genres/3/name"]),
        letter(1, 0, &["/genres/0/name", "/score"]),
        replayed(1, 1, 1),
        letter(2, 0, &["/score"]),
        replayed(2, 2, 1),
        letter(2, 1, &["/members"]),
        letter(3, 0, &[]),
        replayed(3, 3, 1),
        Fact::Stored(Box::new(replay(1, 1, 3, 40, 77))),
        letter(4, 0, &["/score"]),
        action(4, 4, "discard", None, json!({})),
        letter(5, 0, &["/score"]),
        action(5, 5, "discard", None, json!({})),
        action(6, 5, "restore", None, json!({})),
        action(7, 5, "edit", None, json!({"text": "{}"})),
        said(20, json!({"note": "first words", "hold": true})),
        said(21, json!({"note": "last words"})),
        letter(6, 0, &["/score"]),
        replayed(8, 6, 1),
        replayed(9, 6, 2),
        replayed(10, 6, 3),
        letter(6, 1, &["/score"]),
        letter(6, 2, &["/score"]),
        letter(6, 3, &["/score"]),
        Fact::Stored(Box::new(page(1, 2, 41, &[8, 9]))),
        letter(7, 0, &["/score"]),
        action(11, 7, "discard", None, json!({})),
        Fact::Stored(Box::new(replay(1, 1, 7, 42, 78))),
    ]
}

/// Rows whose stored text is an operator's, and what became of another text: nothing yet, on its way, dead again, withdrawn,
/// stored.
fn corrections() -> Vec<Fact> {
    let edited = |id: i64, row, text: &str| action(id, row, "edit", None, json!({"text": text}));
    let replayed = |id: i64, row, n| action(id, row, "replay", Some(n), json!({}));
    let mut facts = Vec::new();
    for row in 0..5 {
        let id = i64::from(row) * 10;
        facts.extend([letter(row, 0, &["/score"]), edited(id + 1, row, "wrong"), replayed(id + 2, row, 1)]);
        facts.push(stored(row, 1));
        facts.push(edited(id + 3, row, "right"));
    }
    facts.push(replayed(14, 1, 2));
    facts.extend([replayed(24, 2, 2), letter(2, 2, &["/members"])]);
    facts.push(action(34, 3, "revert", None, json!({"text": "wrong"})));
    facts.extend([replayed(44, 4, 2), stored(4, 2)]);
    facts
}

/// The page of the `n`-th replay of a row.
fn stored(row: u32, n: u32) -> Fact {
    let title = 70 + row.cast_signed();
    let mut page = replay(1, 1, row, u64::from(40 + 10 * n + row), title);
    page.replay.as_mut().unwrap().attempt = n;
    Fact::Stored(Box::new(page))
}

pub(crate) async fn apply(store: &Store, facts: &[Fact]) {
    for fact in facts {
        match fact {
            Fact::Letter(letter) => {
                store.write_letters(std::slice::from_ref(letter), PROGRESS).await.unwrap()
            }
            Fact::Action(action) => {
                store.write_actions(std::slice::from_ref(action), PROGRESS).await.unwrap()
            }
            Fact::Stored(page) => drop(commit(store, std::slice::from_ref(page)).await),
        }
    }
}

/// The projection, by what does not depend on the order of numbers that the tables give out.
pub(crate) async fn projection(pool: &PgPool) -> Value {
    value(
        pool,
        "select d.root, d.state, d.version, d.correction, d.failures, d.edited, d.mal_id, d.title, d.resolved_by,
             (select jsonb_agg(jsonb_build_array(g.path, g.keyword, f.sole) order by g.path, g.keyword)
              from dead_letter_fault f join dead_letter_group g using (grp) where f.item = d.item) as faults,
             (select jsonb_object_agg(g.path, c.items || '/' || c.sole) from dead_letter_group_count c
              join dead_letter_group g using (grp) where c.state = d.state and c.items > 0) as groups,
             (select sum(items) from dead_letter_count c where c.state = d.state) as count,
             (select jsonb_agg(jsonb_build_array(g.grp, g.path, g.keyword, g.first_at, g.last_at, g.new_at, g.note, g.hold,
                  g.version, g.fixed_by, (select sum(items) from dead_letter_group_hour h where h.grp = g.grp)) order by g.grp)
              from dead_letter_group g) as kinds
         from dead_letter d order by d.root",
    )
    .await
}

#[tokio::test]
async fn every_state_follows_from_the_facts() {
    let (store, pool, _database) = tables().await;
    apply(&store, &facts()).await;
    let states =
        value(&pool, "select row, state, failures, edited, version from dead_letter order by row").await;
    let expect = |row: i64, state: &str, failures: i64, edited: bool, version: i64| json!({"row": row, "state": state, "failures": failures, "edited": edited, "version": version});
    assert_eq!(
        states,
        json!([
            expect(0, "open", 0, false, 1),
            expect(1, "published", 0, false, 2),
            expect(2, "failed", 1, false, 3),
            expect(3, "resolved", 0, false, 3),
            expect(4, "discarded", 0, false, 2),
            expect(5, "open", 0, true, 4),
            expect(6, "quarantined", 3, false, 7),
            expect(7, "resolved", 0, false, 3),
        ])
    );
    let words = "select note, hold, version from dead_letter_group where path = '/score'";
    assert_eq!(value(&pool, words).await, json!([{"note": "last words", "hold": true, "version": 2}]));
    let groups = "select path, keyword, (select sum(items) from dead_letter_group_hour h where h.grp = g.grp)::int as items,
             fixed_by from dead_letter_group g order by path";
    assert_eq!(
        value(&pool, groups).await,
        json!([
            {"path": "", "keyword": "", "items": 1, "fixed_by": null},
            {"path": "/genres/*/name", "keyword": "type", "items": 2, "fixed_by": null},
            {"path": "/members", "keyword": "type", "items": null, "fixed_by": null},
            {"path": "/score", "keyword": "type", "items": 6, "fixed_by": null},
        ]),
        "the same judge passed what it had refused, so nothing is fixed"
    );

    let regressed = "update dead_letter_group set fixed_at = now(), new_at = now() + interval '1 s' where path = '/score'";
    sqlx::query(regressed).execute(&pool).await.unwrap();
    let mut seen = store.look_at_dead_letters().await.unwrap();
    seen.items.retain(|(_, items)| *items > 0);
    seen.items.sort();
    let items =
        [("discarded", 1), ("failed", 1), ("open", 2), ("published", 1), ("quarantined", 1), ("resolved", 2)];
    assert_eq!(seen.items, items.map(|(state, items)| (state.to_owned(), items)));
    seen.groups.sort();
    let groups = [("new", 3), ("regressed", 1)].map(|(state, groups)| (state.to_owned(), groups));
    assert_eq!(seen.groups, groups);
    let paths: Vec<_> = seen.regressed.iter().map(|group| group.path.as_str()).collect();
    assert_eq!(paths, ["/score"], "the log names it");
    assert_eq!(seen.streams[0].stream, "DLQ");
    assert_eq!(seen.oldest_open, Some(noon(23)));
    sqlx::query("update dead_letter_group set muted = true").execute(&pool).await.unwrap();
    let muted = store.look_at_dead_letters().await.unwrap();
    assert_eq!(muted.oldest_open, None, "nobody waits for what is muted");
}

#[tokio::test]
async fn any_order_and_any_repetition_give_the_same_projection() {
    same_projection(facts(), 12).await;
}

#[tokio::test]
async fn any_order_and_any_repetition_give_the_same_corrections_and_numbers() {
    same_projection(corrections(), 12).await;
}

/// Holds so many orders of the facts against the one they are given in.
async fn same_projection(facts: Vec<Fact>, cases: u32) {
    let (store, pool, _database) = tables().await;
    apply(&store, &facts).await;
    let expected = (projection(&pool).await, dump(&pool).await);
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        let order = (Just(facts.clone()).prop_shuffle(), proptest::collection::vec(0..facts.len(), 0..6));
        TestRunner::new(config)
            .run(&order, |(mut order, again)| {
                order.extend(again.into_iter().map(|index| facts[index].clone()));
                let found = handle.block_on(async {
                    wipe(&pool).await;
                    store.forget_dead_letters(ALL, ALL).await.unwrap();
                    apply(&store, &order).await;
                    (projection(&pool).await, dump(&pool).await)
                });
                prop_assert_eq!(&found, &expected);
                Ok(())
            })
            .unwrap();
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_correction_is_known_until_it_is_stored_and_its_numbers_win() {
    let (store, pool, _database) = tables().await;
    apply(&store, &corrections()).await;
    let items = "select state, correction, edited from dead_letter order by row";
    let expect =
        |correction: Option<&str>| json!({"state": "resolved", "correction": correction, "edited": true});
    assert_eq!(
        value(&pool, items).await,
        json!([Some("waiting"), Some("published"), Some("failed"), None, None].map(expect))
    );
    let newest = "select mal_id, seq, (select count(*) from observation where mal_id = l.mal_id)::int as rows
        from title_latest l where line = 0 order by mal_id";
    let expect = |mal_id: i64, seq: i64| json!({"mal_id": mal_id, "seq": seq, "rows": 1});
    assert_eq!(
        value(&pool, newest).await,
        json!([expect(70, 50), expect(71, 51), expect(72, 52), expect(73, 53), expect(74, 64)])
    );
    let daily = "select seq from title_daily where mal_id = 74";
    assert_eq!(value(&pool, daily).await, json!([{"seq": 64}]));
    let edit = "select s.n, s.text, s.stands from dead_letter d, stored_edit(d.root) s order by d.row";
    let expect = |n: i64, text: &str| json!({"n": n, "text": text, "stands": true});
    let wrong = || expect(1, "wrong");
    assert_eq!(value(&pool, edit).await, json!([wrong(), wrong(), wrong(), wrong(), expect(2, "right")]));
}

#[tokio::test]
async fn an_edit_does_not_stand_where_others_facts_took_its_instant() {
    let (store, pool, _database) = tables().await;
    apply(&store, &corrections()).await;
    // Another run of the same instant and source, later in RAW.
    commit(&store, &[page(2, 1, 90, &[70])]).await;
    let stands = "select d.row from dead_letter d, stored_edit(d.root) s where not s.stands";
    assert_eq!(value(&pool, stands).await, json!([{"row": 0}]));
}

/// Else the one number that tells of it stands still with the projection.
#[tokio::test]
async fn how_far_behind_the_projection_is_shows_while_its_tables_are_locked() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    let pool = pipeline.pool().await;
    let mut lock = pool.begin().await.unwrap();
    sqlx::query("lock table dead_letter_letter in share mode").execute(&mut *lock).await.unwrap();
    for row in 1..=30 {
        pipeline.validator.publish(dead(row, 0, &["/score"])).await.unwrap();
    }
    let progress = "select seq, last_seq from dlq_progress where stream = 'DLQ'";
    let behind = async || value(&pool, progress).await == json!([{"seq": 0, "last_seq": 30}]);
    until("the projection to say how far behind it is", SOON, behind).await.unwrap();
    lock.rollback().await.unwrap();
    pipeline.settled("DLQ", 30).await;
    let done = async || value(&pool, progress).await == json!([{"seq": 30, "last_seq": 30}]);
    until("the projection to catch up", SOON, done).await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
}

#[tokio::test]
async fn the_streams_are_projected_and_a_rebuilding_gives_the_same() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    let bodies = [dead(5, 0, &["/score"]), dead(6, 0, &[])];
    for letter in bodies.clone() {
        pipeline.validator.publish(letter).await.unwrap();
    }
    let unreadable = Outgoing { id: "x".to_owned(), headers: Default::default(), ..dead(7, 0, &[]) };
    pipeline.validator.publish(unreadable).await.unwrap();
    pipeline.page(1, |_| ()).await;
    pipeline.settled("DLQ", 3).await;
    pipeline.settled("VALID", 1).await;
    let pool = pipeline.pool().await;
    let kept = value(
        &pool,
        "select convert_from(body, 'UTF8') as body, l.reason, headers ->> 'Dlq-Class' as class, headers ? 'Dlq-Reason' as again, d.state
         from dead_letter_letter l join dead_letter d using (item) order by d.root",
    )
    .await;
    let body = |index: usize| String::from_utf8(bodies[index].body.to_vec()).unwrap();
    assert_eq!(
        kept,
        json!([
            {"body": body(0), "reason": "schema", "class": "permanent", "again": false, "state": "open"},
            {"body": body(1), "reason": "schema", "class": "permanent", "again": false, "state": "open"},
        ])
    );
    let noted = "select stream, seq, reason from unreadable";
    assert_eq!(
        value(&pool, noted).await,
        json!([{"stream": "DLQ", "seq": 3, "reason": "the header Dlq-Root is missing"}])
    );
    let progress = "select seq, last_seq from dlq_progress where stream = 'DLQ'";
    let at = async || value(&pool, progress).await == json!([{"seq": 3, "last_seq": 3}]);
    until("the projection to say how far it is", SOON, at).await.unwrap();
    let before = projection(&pool).await;
    let mut rebuilding = pipeline.loader_command(&["rebuild", "--dead-letters"]);
    assert!(rebuilding.wait(SOON).await.unwrap().success(), "{}", rebuilding.logs());
    assert!(rebuilding.logs().contains("3 messages of DLQ"), "{}", rebuilding.logs());
    assert_eq!(projection(&pool).await, before);
    assert!(loader.terminate().await.unwrap().success());
}
