//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Kansoku in a terminal: dead letters, runs, the ledger, and how things are
///
/// It asks the API at --api as the operator whose token it has. The token comes from the file of --token-file, else from
/// the variable KANSOKU_TOKEN, else from the file that KANSOKU_TOKEN_FILE names, else from operator.token in the data folder.
///
/// Exit codes: 0 done; 1 something is wrong or did not pass; 2 the command makes no sense; 3 refused; 4 the API is away.
#[derive(Debug, Parser)]
#[command(name = "kansoku", version)]
pub(crate) struct Cli {
    /// What every command needs.
    #[command(flatten)]
    pub connection: Connection,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the API is, who asks, and for whom.
#[derive(Debug, Args)]
pub(crate) struct Connection {
    /// The API's address
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "KANSOKU_API_URL",
        default_value = "http://127.0.0.1:7400"
    )]
    pub api: String,
    /// The certificates of the authority that signed the API's, for https [default: those of the system]
    // A text that begins with hyphens is ours to refuse: clap would repeat it.
    #[arg(long, global = true, value_name = "FILE", env = "KANSOKU_TLS_CA", allow_hyphen_values = true)]
    pub tls_ca: Option<PathBuf>,
    /// File that holds the operator's token
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Print what the API said, for scripts
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Work with dead letters: rows and pages that were rejected
    #[command(subcommand, visible_alias = "dead-letters")]
    Dlq(Dlq),
    /// List captures, newest first
    Runs {
        /// Only captures of this dataset
        #[arg(long)]
        dataset: Option<String>,
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Say whether every row that came is accounted for; exit 1 names the places that are not
    Ledger {
        /// Only this run
        #[arg(long)]
        run: Option<String>,
    },
    /// Follow one page from the upstream to the tables
    Journey {
        /// The stream's epoch
        epoch: u64,
        /// The page's sequence in RAW
        seq: u64,
    },
    /// Find out what keeps this command or the pipeline from working, and what to do
    Doctor,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write man pages into a folder
    Man {
        /// The folder
        dir: PathBuf,
    },
}

/// Which dead letters.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Terms key:value that are all met, such as `state:open path:/aired/from since:2h`
    #[arg(value_name = "FILTER")]
    words: Vec<String>,
}

impl Filter {
    /// The filter in one text.
    pub(crate) fn text(&self) -> String {
        self.words.join(" ")
    }
}

/// What keeps a command on many items from touching others than are meant.
#[derive(Debug, Args)]
pub(crate) struct Bulk {
    /// Every dead letter: needed where there is no filter
    #[arg(long)]
    pub all: bool,
    /// Refuse unless exactly so many match
    #[arg(long, value_name = "N")]
    pub expect: Option<i64>,
}

/// Which members of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Members {
    /// Those that pass
    Pass,
    /// All of them
    All,
}

/// What to do with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Steer {
    /// Publish nothing for now
    Pause,
    /// Go on
    Resume,
    /// Leave the rest as it is
    Cancel,
}

/// Which end of a list comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// What died last
    Newest,
    /// What died first
    Oldest,
}

/// What is judged, and by what.
#[derive(Debug, Args)]
pub(crate) struct Judged {
    #[command(flatten)]
    pub filter: Filter,
    #[command(flatten)]
    pub bulk: Bulk,
    /// Change each text first: set:/path=JSON, remove:/path, rename:/path=NAME, cast:/path=TYPE, replace:/path=|REGEX|WITH|
    #[arg(long = "step", value_name = "STEP")]
    pub steps: Vec<String>,
}

/// Work with dead letters.
#[derive(Debug, Subcommand)]
pub(crate) enum Dlq {
    /// List dead letters
    Ls {
        #[command(flatten)]
        filter: Filter,
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Where the list goes on, as the page before says
        #[arg(long)]
        cursor: Option<String>,
        /// Which come first
        #[arg(long, value_enum, default_value = "newest")]
        order: Order,
    },
    /// List the kinds of faults, with how many dead letters have each
    Groups {
        #[command(flatten)]
        filter: Filter,
    },
    /// Show one kind of fault, or say something of it
    Group(GroupArgs),
    /// Show everything about one dead letter
    Show {
        /// Its root
        root: String,
    },
    /// Judge dead letters again, by a schema that is not deployed yet; exit 1 unless all of them pass, and 2 where none matches
    DryRun {
        #[command(flatten)]
        judged: Judged,
        /// The schema; its name is the file's
        #[arg(long, value_name = "FILE")]
        schema: Option<PathBuf>,
    },
    /// Judge dead letters by the deployed schemas, to replay what passes; exit 1 unless all of them pass, and 2 where none matches
    Plan {
        #[command(flatten)]
        judged: Judged,
        /// End this plan or dry run instead, which is not over
        #[arg(long, value_name = "PLAN")]
        cancel: Option<String>,
    },
    /// Send what a plan judged through the pipeline again
    Replay(Replay),
    /// Change the text of a dead letter, in the editor or by options
    Edit(EditArgs),
    /// Give dead letters up
    Discard {
        /// A root, or a filter of open ones
        #[command(flatten)]
        which: Filter,
        #[command(flatten)]
        bulk: Bulk,
        /// Do not ask; needed for a filter where nobody can be asked
        #[arg(long)]
        yes: bool,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// Take back what was done last: a discard, an edit, or a correction that is not stored
    Undo {
        /// Its root
        root: String,
        /// Why
        #[arg(long)]
        reason: Option<String>,
    },
    /// List replays; show, pause, resume or cancel one
    Jobs {
        /// Which
        job: Option<String>,
        /// What to do with it
        #[arg(value_enum)]
        steer: Option<Steer>,
    },
    /// Show who did what, newest first
    Audit {
        /// Only about this dead letter
        #[arg(long)]
        root: Option<String>,
        /// Only about this job
        #[arg(long)]
        job: Option<String>,
        /// Only by this operator or service
        #[arg(long)]
        actor: Option<String>,
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Where the list goes on, as the page before says
        #[arg(long)]
        cursor: Option<String>,
    },
    /// Write dead letters with their bytes into a file of JSON Lines
    Export {
        #[command(flatten)]
        filter: Filter,
        /// The file; `-` is standard output
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
}

/// One kind of fault.
#[derive(Debug, Args)]
pub(crate) struct GroupArgs {
    /// Its number
    pub group: i64,
    /// What is known of it; an empty text takes the note away
    #[arg(long)]
    pub note: Option<String>,
    /// Where more is written
    #[arg(long)]
    pub link: Option<String>,
    /// Who looks after it
    #[arg(long)]
    pub owner: Option<String>,
    /// Whether somebody has seen it
    #[arg(long, value_name = "YES|NO", value_parser = yes_no, num_args = 0..=1, default_missing_value = "yes")]
    pub acknowledged: Option<bool>,
    /// Whether it is to be silent
    #[arg(long, value_name = "YES|NO", value_parser = yes_no, num_args = 0..=1, default_missing_value = "yes")]
    pub muted: Option<bool>,
    /// Whether bulk replays are kept away
    #[arg(long, value_name = "YES|NO", value_parser = yes_no, num_args = 0..=1, default_missing_value = "yes")]
    pub hold: Option<bool>,
}

fn yes_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("say yes or no".to_owned()),
    }
}

/// A replay.
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The plan, or the root of one dead letter, which is judged first
    #[arg(value_name = "PLAN|ROOT")]
    pub plan: String,
    /// Replay it although it is quarantined; only one dead letter at a time
    #[arg(long)]
    pub force: bool,
    /// Which members
    #[arg(long, value_enum, default_value = "pass")]
    pub members: Members,
    /// The most items a second
    #[arg(long, default_value_t = 200)]
    pub rate: u32,
    /// How many go first, to see whether they are stored
    #[arg(long, default_value_t = 10)]
    pub canary: u32,
    /// The share of failures among predicted passes that stops the replay
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    pub stop_share: f64,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
    /// Do not ask; needed where nobody can be asked
    #[arg(long)]
    pub yes: bool,
    /// Do not wait for the end
    #[arg(long)]
    pub no_wait: bool,
}

/// An edit.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// The dead letter's root
    pub root: String,
    /// Take the new text from this file, `-` being standard input
    #[arg(long, conflicts_with = "set")]
    pub file: Option<PathBuf>,
    /// Set the value at a JSON pointer; VALUE is JSON, so a text stands in quotes: --set '/score=7.5'
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Keep a text that still does not pass
    #[arg(long)]
    pub force: bool,
    /// Correct a text that an operator gave before and that is stored; the next replay stores this one in its place
    #[arg(long)]
    pub correct: bool,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_token_has_no_option() {
        let help = Cli::command().render_long_help().to_string();
        assert!(!help.contains("--token "), "{help}");
    }
}
