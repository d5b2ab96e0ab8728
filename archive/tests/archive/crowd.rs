//! Many importers at once in a RAW that holds less than they bring.

use kansoku_schemas::Dataset;
use kansoku_stack::world::{World, run};

use crate::away::waiting;

#[tokio::test(flavor = "multi_thread")]
async fn eight_importers_at_once_push_no_unread_page_out() {
    const IMPORTERS: u32 = 8;
    const PAGES: u32 = 120;
    // A page has about 20 kB, those of one importer more than half of RAW.
    let world = World::with(&[("RAW", 4 << 20)]).await;
    let mut archives = Vec::new();
    for importer in 0..IMPORTERS {
        let mut pages = run(Dataset::TopScore, &format!("2026-10-{:02}T06:00:00Z", importer + 1), PAGES);
        let padding = " ".repeat(20 << 10);
        pages.iter_mut().for_each(|page| page.body.as_mut().unwrap().push_str(&padding));
        archives.push(world.archive_of(&format!("{importer}.jsonl"), &pages));
    }
    // Nobody reads: they stop at half of RAW, whoever was first.
    let importing = archives.iter().map(|archive| waiting(&world, archive, "RAW is half full"));
    let importing = futures::future::join_all(importing).await;
    let there = world.all("RAW").await;
    assert_eq!(there[0].seq, 1, "the first page was pushed out");
    let bytes = there.iter().map(|stored| stored.body.len()).sum::<usize>();
    assert!((1 << 20..=2 << 20).contains(&bytes), "{bytes}");
    world.resize(&[("RAW", 64 << 20)]).await;
    for ended in importing {
        let (code, said) = ended.await.unwrap();
        assert_eq!(code, Some(0), "{said}");
    }
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!(pages.len(), (IMPORTERS * PAGES) as usize);
    assert!(runs.values().all(|run| run.is_complete()));
}
