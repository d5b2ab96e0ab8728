//! The bucket UPSTREAM: what several writers do to one key.

use kansoku_nats::Entry;

use crate::common::World;

const BUCKET: &str = "UPSTREAM";

#[tokio::test]
async fn of_two_writers_of_one_revision_one_is_refused() {
    let world = World::start().await;
    let (one, two) = (world.user("fetcher").await.client, world.user("fetcher").await.client);
    assert_eq!(one.kv_get(BUCKET, "a/b").await.unwrap(), None);
    let first = one.kv_update(BUCKET, "a/b", "1".into(), 0).await.unwrap().unwrap();
    assert_eq!(two.kv_update(BUCKET, "a/b", "2".into(), 0).await.unwrap(), None, "it is there already");
    let entry = two.kv_get(BUCKET, "a/b").await.unwrap().unwrap();
    assert_eq!(entry, Entry { value: "1".into(), revision: first });
    let second = two.kv_update(BUCKET, "a/b", "2".into(), first).await.unwrap().unwrap();
    assert!(second > first);
    assert_eq!(one.kv_update(BUCKET, "a/b", "3".into(), first).await.unwrap(), None, "the revision is old");
    assert_eq!(one.kv_get(BUCKET, "a/b").await.unwrap().unwrap().value, "2");
}

#[tokio::test]
async fn nothing_is_lost_among_many_writers_and_over_a_restart() {
    let world = World::start().await;
    let add = async |client: &kansoku_nats::Client| loop {
        let entry = client.kv_get(BUCKET, "sum").await.unwrap();
        let (sum, revision) = entry.map_or((0, 0), |entry| {
            let text = std::str::from_utf8(&entry.value).unwrap();
            (text.parse::<u64>().unwrap(), entry.revision)
        });
        let sum = (sum + 1).to_string();
        if client.kv_update(BUCKET, "sum", sum.into(), revision).await.unwrap().is_some() {
            break;
        }
    };
    let mut writers = Vec::new();
    for _ in 0..4 {
        writers.push(world.user("fetcher").await.client);
    }
    futures::future::join_all(writers.iter().map(async |client| {
        for _ in 0..10 {
            add(client).await;
        }
    }))
    .await;
    world.server.kill().await.unwrap();
    world.server.start_again().await.unwrap();
    let again = world.user("fetcher").await.client;
    assert_eq!(again.kv_get(BUCKET, "sum").await.unwrap().unwrap().value, "40");
}
