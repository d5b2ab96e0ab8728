//! What each command does.

mod audit;
mod change;
mod discard;
mod doctor;
mod edit;
mod excerpt;
mod export;
mod groups;
mod jobs;
mod journey;
mod ledger;
mod list;
mod plan;
mod replay;
mod runs;
mod shell;
mod show;
mod steps;

use std::path::{Path, PathBuf};

use crate::{
    api::Api,
    args::{Cli, Command, Connection, Dlq},
    failure::{Failure, Outcome, usage},
    model::Projection,
    outside,
    screen::Screen,
    visible,
};

/// What a command works with.
pub(crate) struct Session<'a> {
    pub api: Api,
    pub screen: &'a mut Screen,
}

/// Does what the command line says.
pub(crate) fn run(cli: Cli, screen: &mut Screen) -> Result<Outcome, Failure> {
    let command = match cli.command {
        Command::Completions { shell } => return shell::completions(shell, screen),
        Command::Man { dir } => return shell::man(&dir, screen),
        command => command,
    };
    let (token, from) = token(&cli.connection)?;
    let api = Api::at(&cli.connection.api, cli.connection.tls_ca.as_deref(), token)?;
    let mut session = Session { api, screen };
    match command {
        Command::Dlq(command) => dlq(&mut session, command),
        Command::Runs { dataset, limit } => runs::run(&mut session, dataset.as_deref(), limit),
        Command::Ledger { run } => ledger::run(&mut session, run.as_deref()),
        Command::Journey { epoch, seq } => journey::run(&mut session, epoch, seq),
        Command::Doctor => doctor::run(&mut session, &from),
        Command::Completions { .. } | Command::Man { .. } => Ok(Outcome::Done),
    }
}

fn dlq(session: &mut Session<'_>, command: Dlq) -> Result<Outcome, Failure> {
    match command {
        Dlq::Ls { filter, limit, cursor, order } => {
            list::run(session, &filter.text(), limit, cursor.as_deref(), order)
        }
        Dlq::Groups { filter } => groups::list(session, &filter.text()),
        Dlq::Group(args) => groups::one(session, &args),
        Dlq::Show { root } => show::run(session, &root),
        Dlq::DryRun { judged, schema } => plan::dry_run(session, &judged, schema.as_deref()),
        Dlq::Plan { cancel: Some(plan), .. } => plan::cancel(session, &plan),
        Dlq::Plan { judged, cancel: None } => plan::plan(session, &judged),
        Dlq::Replay(args) => replay::run(session, &args),
        Dlq::Edit(args) => edit::run(session, &args),
        Dlq::Discard { which, bulk, yes, reason } => {
            discard::run(session, &which.text(), &bulk, yes, reason.as_deref())
        }
        Dlq::Undo { root, reason } => change::undo(session, &root, reason.as_deref()),
        Dlq::Jobs { job, steer } => jobs::run(session, job.as_deref(), steer),
        Dlq::Audit { root, job, actor, limit, cursor } => {
            let of = [("root", root), ("job", job), ("actor", actor), ("cursor", cursor)];
            audit::run(session, of, limit)
        }
        Dlq::Export { filter, output } => export::run(session, &filter.text(), &output),
    }
}

/// Where a token may come from.
#[derive(Debug)]
pub(crate) enum TokenFrom {
    /// The variable KANSOKU_TOKEN.
    Variable,
    /// This file.
    File(PathBuf),
    /// There is none; it would be looked for here.
    Nowhere(PathBuf),
}

fn token(given: &Connection) -> Result<(Option<String>, TokenFrom), Failure> {
    let of_file = |path: &Path| -> Result<String, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| usage(format!("read the token from {}: {error}", path.display())))?;
        let token = text.trim();
        if token.is_empty() || !token.chars().all(|letter| letter.is_ascii_graphic()) {
            return Err(usage(format!("{} holds no token: one word of ASCII is expected", path.display())));
        }
        Ok(token.to_owned())
    };
    if let Some(path) = &given.token_file {
        return Ok((Some(of_file(path)?), TokenFrom::File(path.clone())));
    }
    if let Some(token) = outside::variable("KANSOKU_TOKEN") {
        return Ok((Some(token.trim().to_owned()), TokenFrom::Variable));
    }
    let data = || outside::variable("KANSOKU_DATA").unwrap_or_else(|| ".data".to_owned());
    let path = outside::variable("KANSOKU_TOKEN_FILE")
        .map_or_else(|| Path::new(&data()).join("operator.token"), PathBuf::from);
    if path.exists() {
        return Ok((Some(of_file(&path)?), TokenFrom::File(path)));
    }
    Ok((None, TokenFrom::Nowhere(path)))
}

/// How fresh what was shown is.
fn freshness(projection: &Projection) -> String {
    let of = |name: &str, progress: &Option<crate::model::Progress>| match progress {
        Some(progress) => format!("{name} {} of {}", progress.seq, progress.last_seq),
        None => format!("nothing of {name} yet"),
    };
    format!("projection at {}, {}", of("DLQ", &projection.dlq), of("AUDIT", &projection.audit))
}

/// `1 dead letter`, `2 dead letters`.
fn many(number: i64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A word of a command that is to be typed again.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/:@._-=,".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", visible::line(word).replace('\'', r"'\''"))
}

/// This program as it was typed, for a command that is to be typed next.
fn typed() -> String {
    quoted(&outside::called())
}

/// The id of a plan that was typed.
fn plan_id(text: &str) -> Result<&str, Failure> {
    id(text, "plan", "dlq plan FILTER` makes a plan and prints its id")
}

/// The id of a thing; `help` ends the words on how to come by one.
fn id<'a>(text: &'a str, thing: &str, help: &str) -> Result<&'a str, Failure> {
    let shape = [8, 4, 4, 4, 12];
    let parts: Vec<_> = text.split('-').collect();
    let is_part = |(part, length): (&&str, &usize)| {
        part.len() == *length && part.bytes().all(|letter| letter.is_ascii_hexdigit())
    };
    if parts.len() == shape.len() && parts.iter().zip(&shape).all(is_part) {
        return Ok(text);
    }
    Err(usage(format!("{} is no id of a {thing}; `{} {help}", visible::line(text), typed())))
}

/// `row 8 of page 3`, `page 4`: people count from 1, roots and JSON count rows from 0.
fn place(page: i64, row: Option<i64>) -> String {
    row.map_or_else(|| format!("page {page}"), |row| format!("row {} of page {page}", row + 1))
}
