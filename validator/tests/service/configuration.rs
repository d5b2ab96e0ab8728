//! A configuration that will not do.

use kansoku_stack::process::Service;

use crate::world::LIMIT;

#[tokio::test]
async fn an_overlay_that_cannot_be_used_is_refused_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("anime.v1.json"), "{\"type\": 7}").unwrap();
    let service = Service::new("validator").unwrap().env("VALIDATOR_SCHEMAS__OVERLAY", folder.path());
    let mut running = service.spawn().unwrap();
    assert_eq!(running.wait(LIMIT).await.unwrap().code(), Some(64));
    let logs = running.logs();
    assert!(logs.contains("schemas.overlay: ") && logs.contains("anime.v1"), "{logs}");
    assert!(logs.contains("VALIDATOR_SCHEMAS__OVERLAY"), "{logs}");
}

#[tokio::test]
async fn an_unknown_key_is_refused_before_the_start() {
    let mut running = Service::new("validator").unwrap().env("VALIDATOR_BATCH__PAGE", "3").spawn().unwrap();
    assert_eq!(running.wait(LIMIT).await.unwrap().code(), Some(64));
    assert!(
        running.logs().contains("batch.page: unknown key; known here: pages, bytes"),
        "{}",
        running.logs()
    );
}
