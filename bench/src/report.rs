//! From measurements to tables.

use crate::{
    copy::Copied,
    fetching::Fetching,
    journey::Journey,
    judge::Alone,
    rest::Cost,
    spread::Spread,
    table::{Aim, Line, render},
};

/// The least share of parse + validate that the road should reach.
const ROAD: Aim = Aim::AtLeast(0.5);
/// Pages of about 100 kB that one fetcher takes in a second, one after the other.
const FETCHED: Aim = Aim::AtLeast(300.0);
/// Processor of a fetcher that waits, in percent of a core.
const WAITING: Aim = Aim::Under(1.0);
/// Memory of a service at rest, in MB.
const MEMORY: Aim = Aim::Under(40.0);
/// From process start to readiness, in ms.
const READY: Aim = Aim::Under(300.0);

/// What one repetition measured, one after the other on the same machine.
#[derive(Debug, Clone, Copy)]
pub struct Repetition {
    /// Parse + validate in one thread.
    pub judge: Alone,
    /// The same with a thread on every core.
    pub every_core: Alone,
    /// Pages per second into RAW.
    pub fill: f64,
    /// The road.
    pub road: Journey,
    /// COPY.
    pub copy: Copied,
}

/// Speed, and what bounds it.
pub fn speed(all: &[Repetition]) -> String {
    let line = |what: &str, decimals, figure: fn(&Repetition) -> f64| {
        Spread::of(all.iter().map(figure)).map(|spread| Line::new(what, spread, decimals))
    };
    let speed = [
        line("road: RAW → committed, rows/s", 0, |one| one.road.rate()),
        line("parse + validate, one thread, rows/s", 0, |one| one.judge.rate),
        line("parse + validate, a thread on every core, rows/s", 0, |one| one.every_core.rate),
        line("COPY into a bare table, rows/s", 0, |one| one.copy.bare),
        line("COPY into a table with the keys, rows/s", 0, |one| one.copy.keyed),
        line("road ÷ parse + validate", 2, |one| one.road.rate() / one.judge.rate).map(|line| line.aim(ROAD)),
        line("road ÷ COPY, bare", 3, |one| one.road.rate() / one.copy.bare),
        line("road ÷ COPY, with the keys", 3, |one| one.road.rate() / one.copy.keyed),
        line("processor seconds of the road ÷ of parse + validate", 1, |one| {
            one.road.processor_per_row() / one.judge.processor
        }),
        line("import into RAW, pages/s", 0, |one| one.fill),
    ];
    let bounds = [
        line("road, s", 2, |one| one.road.seconds),
        line("until the last page is in VALID, s", 2, |one| one.road.judged),
        line("validator: judging, s", 2, |one| one.road.judging),
        line("validator: batches until durable in VALID, s", 2, |one| one.road.validator.effect),
        line("validator: acknowledging, s", 2, |one| one.road.validator.settling),
        line("loader: batches until durable in Postgres, s", 2, |one| one.road.loader.effect),
        line("loader: of it in transactions, s", 2, |one| one.road.committing),
        line("loader: acknowledging, s", 2, |one| one.road.loader.settling),
        line("transactions", 0, |one| one.road.commits),
        line("processor of the validator, s", 2, |one| one.road.processor.validator),
        line("processor of the loader, s", 2, |one| one.road.processor.loader),
        line("processor of nats-server, s", 2, |one| one.road.processor.nats),
        line("processor of Postgres, s", 2, |one| one.road.processor.postgres),
        line("processor of everything else, s", 2, |one| one.road.processor.others),
        line("processor idle, s", 2, |one| one.road.processor.nobody),
        line("memory of the validator after it, MB", 1, |one| one.road.validator_memory),
        line("memory of the loader after it, MB", 1, |one| one.road.loader_memory),
    ];
    let table =
        |title, lines: &[Option<Line>]| render(title, &lines.iter().flatten().cloned().collect::<Vec<_>>());
    table("Speed", &speed) + "\n" + &table("Where the road's time goes", &bounds)
}

/// What fetching costs.
pub fn fetching(one: &Fetching) -> String {
    let line = |what: &str, decimals, figure: f64| {
        Spread::of([figure]).map(|spread| Line::new(what, spread, decimals))
    };
    let lines = [
        line("pages into a durable RAW, without limits, pages/s", 0, one.rate).map(|line| line.aim(FETCHED)),
        line("a page, kB", 0, one.page),
        line("a page, ms", 2, one.each),
        line("of it: processor of the simulator, ms", 2, one.simulator),
        line("of it: processor of nats-server, ms", 2, one.nats),
        line("of it: processor of the fetcher, ms", 2, one.fetcher),
        line("processor of a fetcher that waits, % of a core", 2, one.idle).map(|line| line.aim(WAITING)),
        line("memory in a backfill of 1,000 pages within limits, MB", 1, one.memory)
            .map(|line| line.aim(MEMORY)),
    ];
    render("Fetching", &lines.into_iter().flatten().collect::<Vec<_>>())
}

/// What the services cost.
pub fn cost(all: &[Cost]) -> String {
    let mut lines = Vec::new();
    for cost in all {
        let figures = [
            ("ready after, ms", 0, cost.ready.clone(), READY),
            ("memory after the start, MB", 1, cost.fresh.clone(), MEMORY),
            ("memory at rest after work, MB", 1, vec![cost.idle], MEMORY),
        ];
        for (what, decimals, figures, aim) in figures {
            let spread = Spread::of(figures);
            lines.extend(
                spread
                    .map(|spread| Line::new(format!("{}: {what}", cost.service), spread, decimals).aim(aim)),
            );
        }
    }
    render("Each service at rest", &lines)
}
