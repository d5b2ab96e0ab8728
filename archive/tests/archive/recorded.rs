//! Recorded real payloads, where they lie beside the checkout; says that it skips where they do not.

use kansoku_stack::tools::recorded;

use kansoku_stack::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_import_publishes_nothing_not_even_when_the_ids_are_forgotten() {
    let Some(folder) = recorded() else { return };
    let world = World::start().await;
    let first = world.import(&folder).await;
    // Some have no address that says what they are.
    first.fails(1, &["and an address is such as", "things went wrong"]);
    let table = first.table();
    let count = |group: &str| -> u64 {
        table[group].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum()
    };
    let (published, dead) = (count("published"), count("dead"));
    assert_eq!(table["captures"], 142);
    assert_eq!((&table["failed"], count("refused")), (&0.into(), 0));
    let absorbed = table["absorbed"].as_u64().unwrap();
    assert_eq!(published + dead + absorbed + count("not_taken"), 142, "{table}");
    assert!(published > 80 && dead > 0 && count("not_taken") > 0, "{table}");
    let unreadable = &table["not_taken"]["no address"];
    assert_eq!(table["left_out"].as_array().map(Vec::len), unreadable.as_u64().map(|count| count as usize));

    assert_eq!((world.messages("RAW").await, world.messages("DLQ").await), (published, dead));
    let runs = world.runs().await;
    World::once_each(&world.pages().await, &runs);
    assert_eq!(runs.values().filter(|run| run.pages_got.is_empty()).count() as u64, dead);

    let ends = world.ends().await;
    let second = world.import(&folder).await.table();
    assert_eq!(world.ends().await, ends);
    assert_eq!(second["absorbed"].as_u64(), Some(published + dead + absorbed), "{second}");
    assert_eq!((&second["captures"], &second["not_taken"]), (&142.into(), &table["not_taken"]));

    world.forget_ids().await;
    let ends = world.ends().await;
    assert_eq!(world.import(&folder).await.table(), second);
    assert_eq!(world.ends().await, ends);
}
