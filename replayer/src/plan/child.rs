//! The process that judges: whatever a plan's schema and steps do to it, the replayer only sees that it does not answer.

use std::{
    io::{self, BufRead as _, Read, Write as _},
    time::Duration,
};

use kansoku_schemas::{Dataset, Judge, SchemaTexts, splice::Steps};
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

use super::{
    accepted::{Accepted, compare},
    verdict::{self, Fault},
};
use crate::job::item::Item;

/// The most memory of the process: an answer is about [`super::PART`] texts, each as large as a page can be.
const MEMORY: u64 = 2 << 30;
/// How much longer than its plan may take it lives without a replayer.
const GRACE: Duration = Duration::from_secs(5);

/// What the replayer wants to know: a line of JSON, followed by the bytes it is about, which JSON would have to make texts of.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    /// First of all: by what is judged.
    Begin(Terms),
    /// Would these dead letters pass? Each with the length of its body.
    Judge(Vec<(Item, Option<usize>)>),
    /// Would the rows of this page pass that pass today?
    Compare {
        /// The dataset's token.
        dataset: String,
        /// The length of its body.
        length: usize,
    },
}

/// By what is judged.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    /// The deployed schemas.
    pub(super) deployed: SchemaTexts,
    /// Name and text of one that takes the place of one of them.
    pub(super) candidate: Option<(String, String)>,
    /// What is done to each text before.
    pub(super) steps: Option<String>,
    /// How long the plan may take.
    pub(super) limit: Duration,
}

/// What the replayer is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// The hash of the judge.
    Begun(String),
    /// Why each of them would not pass.
    Faults(Vec<Vec<Fault>>),
    /// How many pass today, and would not.
    Accepted(Accepted),
    /// In words, why there is no judge.
    Refused(String),
}

impl Question {
    /// About dead letters, with their bytes.
    pub(super) fn judge(items: Vec<Item>) -> (Self, Vec<u8>) {
        let bytes = items.iter().filter_map(|item| item.body.as_deref()).collect::<Vec<_>>().concat();
        let items = items.into_iter().map(|item| {
            let length = item.body.as_ref().map(Vec::len);
            (item, length)
        });
        (Self::Judge(items.collect()), bytes)
    }
}

/// Answers questions, a line each, until there are no more.
///
/// # Errors
/// When the other end speaks of something else, or is gone.
pub fn run() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let (mut line, mut bench) = (String::new(), None);
    while input.read_line(&mut line)? > 0 {
        let answer = match (serde_json::from_str(&line)?, &bench) {
            (Question::Begin(terms), _) => match Bench::new(terms) {
                Ok(made) => Answer::Begun(bench.insert(made).judge.hash().to_owned()),
                Err(why) => Answer::Refused(why),
            },
            (_, None) => return Err(io::Error::other("nothing is known to judge by")),
            (Question::Judge(items), Some(Bench { judge, steps, .. })) => {
                let mut faults = Vec::with_capacity(items.len());
                for (mut item, length) in items {
                    item.body = length.map(|length| exactly(length, &mut input)).transpose()?;
                    faults.push(verdict::faults(judge, &item, steps.as_ref()));
                }
                Answer::Faults(faults)
            }
            (Question::Compare { dataset, length }, Some(Bench { deployed, judge, .. })) => {
                let body = exactly(length, &mut input)?;
                let found =
                    dataset.parse::<Dataset>().map(|dataset| compare(deployed, judge, &dataset, &body));
                Answer::Accepted(found.unwrap_or_default())
            }
        };
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}

fn exactly(length: usize, input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// What judges.
struct Bench {
    deployed: Judge,
    judge: Judge,
    steps: Option<Steps>,
}

impl Bench {
    fn new(Terms { deployed: mut texts, candidate, steps, limit }: Terms) -> Result<Self, String> {
        let most = |most| Rlimit { current: Some(most), maximum: Some(most) };
        for (resource, limit) in
            [(Resource::As, MEMORY), (Resource::Cpu, (limit + GRACE).as_secs()), (Resource::Core, 0)]
        {
            setrlimit(resource, most(limit)).map_err(|error| format!("limit the process: {error}"))?;
        }
        let compiled = |texts: &SchemaTexts| {
            Judge::with_texts(texts)
                .map_err(|error| format!("compile the schemas with the plan's own: {error}"))
        };
        let deployed = compiled(&texts)?;
        texts.extend(candidate);
        let judge = compiled(&texts)?;
        let steps = steps.as_deref().map(Steps::read).transpose().map_err(|error| error.to_string())?;
        Ok(Self { deployed, judge, steps })
    }
}
