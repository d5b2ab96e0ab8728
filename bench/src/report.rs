//! From measurements to tables.

use crate::{
    answers, dead_letters,
    fetching::Fetching,
    flood, overhead, page,
    peers::PeerPipeline,
    pipeline::Measured,
    questions, scale,
    services::Cost,
    table::{Aim, Line, render},
};

/// Our pipeline in rows per second, over the script's.
const PIPELINE: Aim = Aim::AtLeast(1.4);
/// Our judge, over the peer's parser and validator.
const JUDGE: Aim = Aim::AtLeast(1.2);
/// Microseconds of the processor a row, over all processes.
const ROW: Aim = Aim::AtMost(45.0);
/// Cached answers a second, over the same bytes from axum alone.
const CACHED: Aim = Aim::AtLeast(0.7);
/// From a commit to an answer that shows it, in ms.
const VISIBLE: Aim = Aim::AtMost(100.0);
/// The same for all but one in a hundred.
const LATEST: Aim = Aim::AtMost(500.0);
/// Until a page shows the largest of what it shows first, in ms.
const PAINT: Aim = Aim::AtMost(1000.0);
/// How much of a page moves while it comes.
const SHIFT: Aim = Aim::AtMost(0.0);
/// Frames a second under a moving pointer.
const FRAMES: Aim = Aim::AtLeast(60.0);
/// Pages of about 100 kB that one fetcher takes in a second, one after the other.
const FETCHED: Aim = Aim::AtLeast(300.0);
/// Processor of a fetcher that waits, in percent of a core.
const WAITING: Aim = Aim::AtMost(1.0);
/// Memory of a service at rest, in MB.
const MEMORY: Aim = Aim::AtMost(40.0);
/// An answer read from the database, in ms: of a hundred the slowest but one.
const ANSWER: Aim = Aim::AtMost(50.0);
/// The first page of a list of dead letters, in ms.
const LIST: Aim = Aim::AtMost(50.0);
/// From its answer until a list is drawn, in ms.
const DRAWN: Aim = Aim::AtMost(100.0);
/// Their groups, in ms.
const GROUPS: Aim = Aim::AtMost(200.0);
/// Dead letters a second that a dry run judges.
const JUDGED: Aim = Aim::AtLeast(20_000.0);
/// Rows a second where every row is bad, over rows a second where none is.
const FLOOD: Aim = Aim::AtLeast(0.3);
/// Speed with traces over speed without.
const TRACED: Aim = Aim::AtLeast(0.95);
/// From process start to readiness, in ms.
const READY: Aim = Aim::AtMost(300.0);

/// What one repetition measured, one after the other on the same machine.
#[derive(Debug, Clone, Copy)]
pub struct Repetition {
    /// Processor seconds of a row in our judge.
    pub judge: f64,
    /// Pages per second into RAW.
    pub fill: f64,
    /// Our pipeline.
    pub ours: Measured,
    /// The peers, where Python can run them.
    pub peers: Option<(f64, PeerPipeline)>,
}

/// Speed and cost of a row, beside the peers.
pub fn speed(all: &[Repetition]) -> String {
    let line = |what: &str, decimals, figure: &dyn Fn(&Repetition) -> Option<f64>| {
        Line::new(what, all.iter().filter_map(figure), decimals)
    };
    let ours = |what: &str, decimals, figure: fn(&Measured) -> f64| {
        line(what, decimals, &|one: &Repetition| Some(figure(&one.ours)))
    };
    let peer = |what: &str, decimals, figure: fn(&PeerPipeline) -> f64| {
        line(what, decimals, &|one: &Repetition| one.peers.map(|(_, peer)| figure(&peer)))
    };
    let pipeline = [
        ours("kansoku: RAW → committed, rows/s", 0, Measured::rate),
        peer("Python script, rows/s", 0, PeerPipeline::rate),
        line("kansoku ÷ Python script", 2, &|one: &Repetition| {
            one.peers.map(|(_, peer)| one.ours.rate() / peer.rate())
        })
        .aim(PIPELINE),
        ours("kansoku: processor of a row, µs", 1, Measured::processor).aim(ROW),
        ours("… validator", 1, |one| one.micros(one.processor.validator)),
        ours("… loader", 1, |one| one.micros(one.processor.loader)),
        ours("… nats-server", 1, |one| one.micros(one.processor.nats)),
        ours("… Postgres", 1, |one| one.micros(one.processor.postgres)),
        peer("Python script: processor of a row, µs", 1, PeerPipeline::processor),
        peer("… Python", 1, |one| one.script.processor * 1e6 / one.script.rows),
        peer("… nats-server", 1, |one| one.nats * 1e6 / one.script.rows),
        peer("… Postgres", 1, |one| one.postgres * 1e6 / one.script.rows),
    ];
    let judge = [
        line("kansoku: judge, processor of a row, µs", 1, &|one: &Repetition| Some(one.judge * 1e6)),
        line("orjson + jsonschema_rs, processor of a row, µs", 1, &|one: &Repetition| {
            one.peers.map(|(peer, _)| peer * 1e6)
        }),
        line("kansoku ÷ orjson + jsonschema_rs, speed", 2, &|one: &Repetition| {
            one.peers.map(|(peer, _)| peer / one.judge)
        })
        .aim(JUDGE),
    ];
    let bounds = [
        ours("all of it, s", 2, |one| one.seconds),
        ours("until the last page is in VALID, s", 2, |one| one.judged),
        ours("validator: batches until durable in VALID, s", 2, |one| one.validator.effect),
        ours("validator: acknowledging, s", 2, |one| one.validator.settling),
        ours("loader: batches until durable in Postgres, s", 2, |one| one.loader.effect),
        ours("loader: acknowledging, s", 2, |one| one.loader.settling),
        ours("processor of everything else, s", 2, |one| one.processor.others),
        ours("processor idle, s", 2, |one| one.processor.idle),
        ours("memory of the validator after it, MB", 1, |one| one.validator_memory).aim(MEMORY),
        ours("memory of the loader after it, MB", 1, |one| one.loader_memory).aim(MEMORY),
        line("import into RAW, pages/s", 0, &|one: &Repetition| Some(one.fill)),
    ];
    [
        render("Pipeline", &pipeline),
        render("Judge alone, one thread", &judge),
        render("Where the time goes", &bounds),
    ]
    .join("\n")
}

/// What answers take.
pub fn answers(all: &[answers::Measured]) -> String {
    let line = |what: &str, decimals, figure: fn(&answers::Measured) -> f64| {
        Line::new(what, all.iter().map(figure), decimals)
    };
    let visible = all.iter().flat_map(|one| one.visible.iter().copied());
    let latest = |one: &answers::Measured| one.visible.iter().copied().fold(0.0, f64::max);
    let lines = [
        line("kansoku: a cached ranking, answers/s", 0, |one| one.ours),
        line("axum: the same bytes, answers/s", 0, |one| one.axum),
        line("kansoku ÷ axum", 2, |one| one.ours / one.axum).aim(CACHED),
        Line::new("commit → visible, ms", visible, 1).aim(VISIBLE),
        Line::new("commit → visible, the slowest of 50, ms", all.iter().map(latest), 1).aim(LATEST),
    ];
    render("Answers", &lines)
}

/// What traces cost.
pub fn overhead(all: &[overhead::Measured]) -> String {
    let line = |what: &str, decimals, figure: &dyn Fn(&overhead::Measured) -> f64| {
        Line::new(what, all.iter().map(figure), decimals)
    };
    let lines = [
        line("RAW → committed without traces, rows/s", 0, &|one| one.rows[0]),
        line("with traces ÷ without", 3, &|one| one.rows[1] / one.rows[0]).aim(TRACED),
        line("processor of a row without traces, µs", 1, &|one| one.processor[0]),
        line("with traces ÷ without", 3, &|one| one.processor[1] / one.processor[0]),
        line("cached answers without traces, answers/s", 0, &|one| one.answers[0]),
        line("with traces ÷ without", 3, &|one| one.answers[1] / one.answers[0]).aim(TRACED),
        line("spans that the collector got, MB", 1, &|one| one.bytes as f64 / 1e6),
    ];
    render("With every page and request traced", &lines)
}

/// More of everything on one machine.
pub fn scale(all: &[Vec<scale::Run>]) -> String {
    let workers = scale::SETUPS.iter().enumerate().flat_map(|(at, setup)| {
        let figure =
            |figure: fn(&scale::Run) -> f64| all.iter().filter_map(move |runs| Some(figure(runs.get(at)?)));
        let ratio = |figure: fn(&scale::Run) -> f64| {
            all.iter().filter_map(move |runs| Some(figure(runs.get(at)?) / figure(runs.first()?)))
        };
        let (workers, copies) = (setup.workers, if setup.is_cluster { "R3" } else { "R1" });
        let name = format!("{copies}, {workers} + {workers}");
        let rate: fn(&scale::Run) -> f64 = |run| run.pipeline.rate();
        let first = at == 0;
        let mut lines = vec![Line::new(format!("{name}: RAW → committed, rows/s"), figure(rate), 0)];
        if !first {
            lines.push(Line::new(format!("{name}: … ÷ R1, 1 + 1"), ratio(rate), 2));
        }
        if first || setup.is_cluster && workers == 1 {
            lines.push(Line::new(
                format!("{name}: published and acknowledged, rows/s"),
                figure(|run| run.published),
                0,
            ));
        }
        if setup.is_cluster && workers == 1 {
            lines.push(Line::new(format!("{name}: … ÷ R1, 1 + 1"), ratio(|run| run.published), 2));
        }
        lines.extend([
            Line::new(format!("{name}: processor of a row, µs"), figure(|run| run.pipeline.processor()), 1),
            Line::new(
                format!("{name}: … of it nats-servers, µs"),
                figure(|run| run.pipeline.micros(run.pipeline.processor.nats)),
                1,
            ),
            Line::new(
                format!("{name}: cores idle, of {}", cores()),
                figure(|run| run.pipeline.processor.idle / run.pipeline.seconds),
                2,
            ),
            Line::new(
                format!("{name}: cores with everything else, of {}", cores()),
                figure(|run| run.pipeline.processor.others / run.pipeline.seconds),
                2,
            ),
        ]);
        lines
    });
    render("Several validators and loaders, several nats-servers, one machine", &workers.collect::<Vec<_>>())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What a person waits for in a browser.
pub fn page(seen: Option<&page::Measured>) -> String {
    let frames = "frames a second under the crosshair, over 2,000 days";
    let Some(seen) = seen else {
        return render("The page in a browser", &[Line::new(frames, [], 0).aim(FRAMES)]);
    };
    let of = |page: &page::Page| {
        let line = |what: &str, figures: &[f64], decimals| {
            let what = format!("{}, {} px: {what}", page.name, page.width);
            Line::new(what, figures.iter().copied(), decimals)
        };
        [
            line("largest paint, ms", &page.paint, 0).aim(PAINT),
            line("layout shift", &page.shift, 4).aim(SHIFT),
        ]
    };
    let mut lines: Vec<_> = seen.pages.iter().flat_map(of).collect();
    lines.push(Line::new(frames, seen.frames.iter().copied(), 0).aim(FRAMES));
    render("The page in a browser", &lines)
}

/// What fetching costs.
pub fn fetching(one: &Fetching) -> String {
    let line = |what: &str, decimals, figure: f64| Line::new(what, [figure], decimals);
    let lines = [
        line("pages into a durable RAW, without limits, pages/s", 0, one.rate).aim(FETCHED),
        line("a page, kB", 0, one.page),
        line("a page, ms", 2, one.each),
        line("of it: processor of the simulator, ms", 2, one.simulator),
        line("of it: processor of nats-server, ms", 2, one.nats),
        line("of it: processor of the fetcher, ms", 2, one.fetcher),
        line("processor of a fetcher that waits, % of a core", 2, one.idle).aim(WAITING),
        line("memory in a backfill of 1,000 pages within limits, MB", 1, one.memory).aim(MEMORY),
    ];
    render("Fetching", &lines)
}

/// What the services cost.
pub fn cost(all: &[Cost]) -> String {
    let of = |cost: &Cost| {
        let line = |what: &str, figures: &[f64], decimals| {
            Line::new(format!("{}: {what}", cost.service), figures.iter().copied(), decimals)
        };
        [
            line("ready after, ms", &cost.ready, 0).aim(READY),
            line("memory after the start, MB", &cost.fresh, 1).aim(MEMORY),
            line("memory at rest after work, MB", &[cost.idle], 1).aim(MEMORY),
        ]
    };
    render("Each service at rest", &all.iter().flat_map(of).collect::<Vec<_>>())
}

/// What answers take that are read from the database.
pub fn questions(one: &questions::Measured) -> String {
    let lines: Vec<_> = one
        .questions
        .iter()
        .map(|question| Line::new(question.name, [percentile(&question.uncached, 0.99)], 1).aim(ANSWER))
        .collect();
    let heading =
        format!("Read anew over {} observations of 28,000 titles: 99 of 100 within, ms", one.observations);
    render(&heading, &lines)
}

/// What operators wait for.
pub fn dead_letters(one: &dead_letters::Measured) -> String {
    let lines = |all: &[questions::Question], aim| -> Vec<Line> {
        let line =
            |one: &questions::Question| Line::new(one.name, [percentile(&one.uncached, 0.99)], 1).aim(aim);
        all.iter().map(line).collect()
    };
    let heading =
        |what: &str| format!("{what} of {} dead letters: 99 of 100 answers within, ms", one.letters);
    let drawn = "fifty dead letters drawn after their answer, ms";
    let drawn = Line::new(drawn, one.drawn.iter().copied(), 0).aim(DRAWN);
    let plan = one.plan;
    let mut work = vec![
        Line::new(format!("dry run of {} members: frozen, rows/s", plan.members), [plan.frozen], 0),
        Line::new("dry run: judged, rows/s", [plan.judged], 0).aim(JUDGED),
    ];
    work.extend(
        one.jobs
            .iter()
            .map(|(what, rate)| Line::new(format!("replays to resolved a second, {what}"), [*rate], 0)),
    );
    work.extend(
        one.steps.iter().map(|(what, rate)| Line::new(format!("replays {what} a second, alone"), [*rate], 0)),
    );
    [
        render(&heading("First pages of lists"), &lines(&one.lists, LIST)),
        render(&heading("Groups"), &lines(&one.groups, GROUPS)),
        render("The list in a browser", &[drawn]),
        render("Dry run and replays", &work),
    ]
    .join("\n")
}

/// Every row is bad.
pub fn flood(all: &[flood::Measured]) -> String {
    let line = |what, figure: fn(&flood::Measured) -> f64, places| {
        Line::new(what, all.iter().map(figure).collect::<Vec<_>>(), places)
    };
    let lines = [
        line("all rows good, rows/s", |one| one.clean, 0),
        line("all rows bad: in the tables, rows/s", |one| one.rate, 0),
        line("all bad ÷ all good", |one| one.rate / one.clean, 2).aim(FLOOD),
        line("all bad: every page judged after, s", |one| one.seconds.0, 1),
        line("all bad: every dead letter in the tables after, s", |one| one.seconds.1, 1),
        line("all bad: processor of a row, µs: validator", |one| one.processor[0], 1),
        line("… loader", |one| one.processor[1], 1),
        line("… nats-server", |one| one.processor[2], 1),
        line("… Postgres", |one| one.processor[3], 1),
    ];
    render("A flood of bad rows", &lines)
}

/// The figure that this part of them does not exceed.
fn percentile(figures: &[f64], part: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * part).ceil() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}
