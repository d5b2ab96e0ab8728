//! Schemas that are deployed while the validator runs.

use kansoku_nats::topology::Overrides;

use crate::world::{World, meta, page_of, readiness, row, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_schema_takes_effect_and_a_broken_one_leaves_the_one_of_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anime.v1.json");
    let world = World::start(Overrides::default()).await;
    let overlay = folder.path().to_str().unwrap();
    let mut validator = world.spawn_with("VALIDATOR_SCHEMAS__OVERLAY", overlay);
    validator.ready().await.unwrap();
    let metrics = async || validator.get("/metrics").await.unwrap().1;
    let judge = async || {
        metrics().await.lines().find(|line| line.starts_with("kansoku_judge_info{")).map(str::to_owned)
    };
    // The listener refuses who asks too often, and then says no judge.
    let changed_from = async |before: &Option<String>| {
        let now = judge().await;
        now.is_some() && now != *before
    };
    let first = judge().await;
    std::fs::write(&file, r#"{"type": "object", "required": ["never"]}"#).unwrap();
    until("the schema to be taken up", || changed_from(&first)).await;
    world.feed(&meta(1), page_of(&[row(1)])).await;
    world.settled().await;
    assert_eq!(world.messages("DLQ").await, 1);
    let second = judge().await;
    std::fs::write(&file, r#"{"type": "#).unwrap();
    until("the broken one to be named", || async {
        let (status, page) = readiness(&validator).await;
        let why = page["dependencies"]["overlay"]["reason"].as_str().unwrap_or_default();
        status == 200 && why.contains("anime.v1") && why.contains("the ones of before stay")
    })
    .await;
    assert_eq!(judge().await, second);
    std::fs::remove_file(&file).unwrap();
    until("the built-in one to be back", || async { judge().await == first }).await;
    world.feed(&meta(2), page_of(&[row(1)])).await;
    world.settled().await;
    assert_eq!(world.messages("DLQ").await, 1);
}
