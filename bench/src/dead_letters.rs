//! What operators wait for where there are a million dead letters: lists, groups, dry runs, replays.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{
    pipeline::Pipeline,
    process::{Running, Service},
    tools, until,
};
use serde_json::{Value, json};

use crate::{archive::Page, clock::Stopwatch, page, questions::Question};

/// How often each question is asked.
const TIMES: u32 = 100;
/// How often a list is drawn.
const DRAWN: u32 = 10;
const LIMIT: Duration = Duration::from_secs(300);
/// Between two questions, which take of what is measured.
const PAUSE: Duration = Duration::from_millis(200);
/// The operator's token.
const TOKEN: &str = "bench";
const OPERATOR: &str = "insert into operator (name, rights, token_hash, created_at) values ('bench', '{read,act,edit}', sha256('bench'), now())";
/// Whose header tells the clients apart, each of which may ask so often.
const CLIENT: &str = "x-client";

/// All that was measured.
#[derive(Debug)]
pub struct Measured {
    /// Dead letters in the tables.
    pub letters: u32,
    /// Pages of lists.
    pub lists: Vec<Question>,
    /// Groups with the counts of every value.
    pub groups: Vec<Question>,
    /// How many ms after its answer a list is drawn; nothing where no browser runs here.
    pub drawn: Vec<f64>,
    /// A plan.
    pub plan: Plan,
    /// Jobs, each with what limits it.
    pub jobs: Vec<(&'static str, f64)>,
    /// The steps of a job's replays, each with the later programs held back: replays a second.
    pub steps: Vec<(&'static str, f64)>,
}

/// A dry run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Its members.
    pub members: f64,
    /// Members a second that are frozen.
    pub frozen: f64,
    /// Members a second that are judged.
    pub judged: f64,
}

/// The questions: lists by what the filter asks for; `#` is another group and `@` another three digits each time.
const LISTS: [(&str, &str); 10] = [
    ("all", ""),
    ("state:open", "state:open"),
    ("dataset: and state:", "dataset:season.2017.* state:open"),
    ("path: and keyword:", "path:/field# keyword:type"),
    ("since: two hours", "since:2h"),
    ("run: and page:", "page:# state:open"),
    ("judge: of a quarter", "judge:later"),
    ("judge: without a match", "judge:none#"),
    ("title: of some 200", "title:\"title @\""),
    ("title: without a match", "title:\"zzz#\""),
];
const GROUPS: [(&str, &str); 8] = [
    ("all", ""),
    ("state: and reason:", "state:open,failed reason:schema"),
    ("dataset: and stage:", "dataset:season.2017.* stage:validate"),
    ("path: and keyword:", "path:/field# keyword:type"),
    ("since: two hours", "since:2h"),
    ("judge: of a quarter", "judge:later"),
    ("title: of all", "title:title"),
    ("title: without a match", "title:\"zzz#\""),
];

/// Fills a database of its own with so many, and measures over it. The bodies are rows of `pages`.
pub async fn measure(letters: u32, pages: &[Page]) -> Result<Measured> {
    let pipeline = Pipeline::start().await?;
    let mut loader = pipeline.ready("loader").await?;
    fill(&pipeline, letters, pages)?;
    pipeline.execute(OPERATOR).await?;
    let service = pipeline.service("query-api")?.env("QUERY_API_LIMITS__CLIENT_HEADER", CLIENT);
    let mut api = service.spawn()?;
    api.ready().await?;
    let questions = |path: &'static str, all: &[(&'static str, &'static str)]| {
        let asked = all.iter().map(|(name, filter)| ask(&api, path, name, filter));
        asked.collect::<Result<Vec<_>>>()
    };
    let lists = questions("dead-letters?limit=50&filter=", &LISTS)?;
    let groups = questions("dead-letters/groups?filter=", &GROUPS)?;
    let drawn = page::list(&pipeline, DRAWN, TOKEN).await;
    let drawn = drawn.inspect_err(|error| eprintln!("no list is drawn: {error:#}")).unwrap_or_default();
    let replayer = pipeline.ready("replayer").await?;
    let plan = dry_run(&pipeline, &api, "state:open,failed dataset:top.score").await?.1;
    let validator = pipeline.ready("validator").await?;
    let mut jobs = vec![
        (
            "a thousand a second, the most that may be asked for",
            replay(&pipeline, &api, "season.2017.*", 1_000).await?,
        ),
        ("without that limit", replay(&pipeline, &api, "season.2018.*", 1_000_000).await?),
    ];
    drop(replayer);
    let unbounded = pipeline.service("replayer")?.env("REPLAYER_REPLAY__IN_FLIGHT", "100000");
    let replayer = ready(unbounded).await?;
    jobs.push((
        "nor the limit of 5,000 that are under way",
        replay(&pipeline, &api, "season.2019.*", 1_000_000).await?,
    ));
    drop(validator);
    loader.terminate().await?;
    let steps = one_by_one(&pipeline, &api, "season.2020.*").await?;
    drop(replayer);
    api.terminate().await?;
    Ok(Measured { letters, lists, groups, drawn, plan, jobs, steps })
}

async fn ready(service: Service) -> Result<Running> {
    let mut running = service.spawn()?;
    running.ready().await?;
    Ok(running)
}

fn fill(pipeline: &Pipeline, letters: u32, pages: &[Page]) -> Result<()> {
    let rows = rows(pages)?;
    let sql = tempfile::NamedTempFile::new().context("make a file")?;
    std::fs::write(sql.path(), include_str!("dead_letters.sql")).context("write a file")?;
    let mut command = Command::new(tools::postgres_bin()?.join("psql"));
    command.args([
        "-X",
        "-q",
        "-o",
        "/dev/null",
        "-v",
        "ON_ERROR_STOP=1",
        "-v",
        &format!("letters={letters}"),
    ]);
    command.arg("-f").arg(sql.path()).arg(pipeline.database.url()).stdin(Stdio::piped());
    let mut filling = command.spawn().context("run psql")?;
    let mut input = filling.stdin.take().context("find the input of psql")?;
    input.write_all(rows.as_bytes()).context("write rows to psql")?;
    drop(input);
    ensure!(filling.wait().context("wait for psql")?.success(), "fill the database with dead letters");
    Ok(())
}

/// The rows of titles, a line each, with `@` in the place of their number.
fn rows(pages: &[Page]) -> Result<String> {
    let mut lines = String::new();
    for page in pages {
        let body: Value = serde_json::from_str(&page.body).context("read a page")?;
        let rows = body["data"].as_array().context("find the rows of a page")?;
        for row in rows.iter().filter(|row| row["members"].is_number()) {
            let mut row = row.clone();
            row["mal_id"] = json!("@");
            lines += &row.to_string().replace("\"@\"", "@");
            lines.push('\n');
        }
    }
    ensure!(!lines.is_empty(), "no page has a row of a title");
    Ok(lines)
}

fn ask(api: &Running, path: &str, name: &'static str, filter: &str) -> Result<Question> {
    let mut uncached = Vec::new();
    for n in 0..TIMES {
        let filter = filter.replace('#', &(n % 37 + 1).to_string()).replace('@', &(n + 100).to_string());
        let filter: String = filter.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let watch = Stopwatch::start();
        call(api, "GET", &format!("{path}{filter}"), None, n).with_context(|| format!("ask for {name}"))?;
        uncached.push(watch.seconds() * 1e3);
    }
    Ok(Question { name, uncached })
}

/// What the API answers an operator.
fn call(api: &Running, method: &str, path: &str, body: Option<Value>, client: u32) -> Result<Value> {
    let url = format!("{}/api/v1/operator/{path}", api.url());
    let (token, client) = (format!("Bearer {TOKEN}"), format!("10.0.{}.{}", client / 250, client % 250 + 1));
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = match body {
        None => agent.get(&url).header("authorization", token).header(CLIENT, client).call(),
        Some(body) => agent
            .post(&url)
            .header("authorization", token)
            .header(CLIENT, client)
            .header("content-type", "application/json")
            .send(body.to_string()),
    }
    .with_context(|| format!("{method} {path}"))?;
    let text = answer.body_mut().with_config().limit(1 << 30).read_to_string().context("read an answer")?;
    ensure!(answer.status().is_success(), "{method} {path}: {text}");
    serde_json::from_str(&text).context("read an answer")
}

/// Makes a plan, and waits until it is judged; its id, and how fast that was.
async fn dry_run(pipeline: &Pipeline, api: &Running, filter: &str) -> Result<(String, Plan)> {
    let watch = Stopwatch::start();
    let made = call(api, "POST", "plans", Some(json!({ "filter": filter })), 0)?;
    let frozen = watch.seconds();
    let plan = made["plan"].as_str().context("find the id of a plan")?.to_owned();
    let watch = Stopwatch::start();
    let ready = format!("select count(*) from dlq_plan where plan = '{plan}' and state = 'ready'");
    until("the plan", LIMIT, || async { pipeline.number(&ready).await.is_ok_and(|ready| ready == 1) })
        .await?;
    let seconds = watch.seconds();
    let members =
        pipeline.number(&format!("select count(*) from dlq_plan_member where plan = '{plan}'")).await?;
    let members = members as f64;
    Ok((plan, Plan { members, frozen: members / frozen, judged: members / seconds }))
}

/// Begins a job over what the last days left open of a dataset; its plan.
async fn begin(pipeline: &Pipeline, api: &Running, dataset: &str, rate: u32) -> Result<String> {
    let (plan, _) = dry_run(pipeline, api, &format!("state:open dataset:{dataset} since:5d")).await?;
    // By hand: the API takes no more than a thousand a second.
    let job = format!(
        "insert into dlq_job (job, plan, created_at, created_by, reason, members, rate, canary, stop_share)
         values (gen_random_uuid(), '{plan}', now(), 'bench', 'bench', 'pass', {rate}, 0, 1); notify kansoku_replayer"
    );
    pipeline.execute(&job).await?;
    Ok(plan)
}

/// What bounds a job: its replays a second published, then judged, then stored and resolved, with all the machine for each.
async fn one_by_one(pipeline: &Pipeline, api: &Running, dataset: &str) -> Result<Vec<(&'static str, f64)>> {
    let none = |query: String| async move {
        tokio::time::sleep(PAUSE).await;
        pipeline.number(&query).await.is_ok_and(|left| left == 0)
    };
    let judged_before = pipeline.messages("VALID").await?;
    let plan = begin(pipeline, api, dataset, 1_000_000).await?;
    let watch = Stopwatch::start();
    let members = format!(
        "select count(*) from dlq_plan_member where plan = '{plan}' and verdict = 'pass' and outcome"
    );
    until("the replays to be published", LIMIT, || none(format!("{members} is distinct from 'published'")))
        .await?;
    let first = watch.seconds();
    let replays = pipeline.number(&format!("{members} = 'published'")).await?.unsigned_abs();
    ensure!(replays > 0, "no replay was published");
    let watch = Stopwatch::start();
    let _validator = pipeline.service("validator")?.spawn()?;
    until("the replays to be judged", LIMIT, || async {
        tokio::time::sleep(PAUSE).await;
        pipeline.messages("VALID").await.is_ok_and(|judged| judged >= judged_before + replays)
    })
    .await?;
    let second = watch.seconds();
    let watch = Stopwatch::start();
    let _loader = pipeline.service("loader")?.spawn()?;
    let living = format!("select count(*) from dlq_job where plan = '{plan}' and state <> 'done'");
    until("the replays to be resolved", LIMIT, || none(living.clone())).await?;
    let third = watch.seconds();
    let rate = |seconds: f64| replays as f64 / seconds;
    Ok(vec![("published", rate(first)), ("judged", rate(second)), ("stored and resolved", rate(third))])
}

/// Dead letters a second that a job brings to *resolved*: of one dataset, what the last days left open.
async fn replay(pipeline: &Pipeline, api: &Running, dataset: &str, rate: u32) -> Result<f64> {
    let plan = begin(pipeline, api, dataset, rate).await?;
    let ended = format!("select count(*) from dlq_job where plan = '{plan}' and state = 'done'");
    until("the job", LIMIT, || async { pipeline.number(&ended).await.is_ok_and(|ended| ended == 1) }).await?;
    let resolved = format!(
        "select count(*) from dlq_plan_member m join dead_letter d using (root)
         where m.plan = '{plan}' and m.outcome = 'published' and d.state = 'resolved'"
    );
    let resolved = pipeline.number(&resolved).await?;
    ensure!(resolved > 0, "no replay was stored");
    let took =
        format!("select extract(epoch from ended_at - started_at) * 1000 from dlq_job where plan = '{plan}'");
    Ok(resolved as f64 * 1e3 / pipeline.number(&took).await? as f64)
}
