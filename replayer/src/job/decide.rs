//! What a job does next: pure, from its row and from what became of its members.

use std::fmt;

/// Without a canary, how many replays have to be settled before their share of failures says anything.
const SAMPLE: usize = 10;

/// The states of a job that are not its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Asked for, not begun.
    Queued,
    /// A few go first.
    Canary,
    /// The others go.
    Running,
    /// Nothing goes until somebody resumes it.
    Paused,
    /// Ended by a person.
    Cancelled,
    /// Ended by its failures, or because it cannot go on.
    Stopped,
    /// All members came to something.
    Done,
}

impl State {
    /// As the tables name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Canary => "canary",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }

    /// Whether it is the job's last.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Cancelled | Self::Stopped | Self::Done)
    }

    /// The living state of that name.
    pub fn living(name: &str) -> Option<Self> {
        [Self::Queued, Self::Canary, Self::Running, Self::Paused]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What a person asked of a running job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Nothing more goes for now.
    Pause,
    /// It goes on.
    Resume,
    /// It ends here.
    Cancel,
}

impl Asked {
    /// By its name in the tables.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "pause" => Some(Self::Pause),
            "resume" => Some(Self::Resume),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }
}

/// Everything that decides about a job's next step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Its state.
    pub state: State,
    /// What a person asked.
    pub asked: Option<Asked>,
    /// Whether the plan's judge is that of the deployed schemas.
    pub deployed: bool,
    /// How many go first.
    pub canary: usize,
    /// The share of failures that stops it.
    pub stop_share: f64,
    /// Members of this job that were published.
    pub published: usize,
    /// Those of them that are neither stored nor dead again.
    pub in_flight: usize,
    /// Those that the plan said pass, and were stored.
    pub resolved: usize,
    /// Those that the plan said pass, and are dead again.
    pub failed: usize,
    /// Whether members wait that the plan says pass.
    pub passing_wait: bool,
    /// Whether any members wait.
    pub members_wait: bool,
}

/// The next step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is in another state, for this reason; what was asked is done.
    To(State, String),
    /// At most so many members go, of those that the plan says pass where `passing_only`.
    Publish {
        /// The most.
        most: usize,
        /// Only of those that the plan says pass.
        passing_only: bool,
    },
    /// Nothing before somebody asks, or replays are settled.
    Wait,
}

impl View {
    /// Decides.
    pub fn next(&self) -> Step {
        if let Some(step) = self.asked.and_then(|asked| self.answer(asked)) {
            return step;
        }
        if self.state == State::Paused {
            return Step::Wait;
        }
        if !self.deployed {
            let words = "the schemas are not those of the plan any more: make another dry run";
            return Step::To(State::Stopped, words.to_owned());
        }
        if let Some(words) = self.fails_too_often() {
            return Step::To(State::Stopped, words);
        }
        match self.state {
            State::Queued => self.begin("begun".to_owned()),
            State::Canary => self.canary(),
            State::Running if self.members_wait => Step::Publish { most: usize::MAX, passing_only: false },
            State::Running if self.in_flight == 0 => {
                Step::To(State::Done, "every member is settled".to_owned())
            }
            _ => Step::Wait,
        }
    }

    /// What is asked and changes something; what is asked in vain is forgotten by a step to the same state.
    fn answer(&self, asked: Asked) -> Option<Step> {
        Some(match (asked, self.state) {
            (Asked::Cancel, _) => Step::To(State::Cancelled, "cancelled by an operator".to_owned()),
            (Asked::Pause, _) => Step::To(State::Paused, "paused by an operator".to_owned()),
            (Asked::Resume, State::Paused) => self.begin("resumed by an operator".to_owned()),
            (Asked::Resume, _) => return None,
        })
    }

    fn begin(&self, words: String) -> Step {
        let state = if self.canary > 0 && self.has_canary_to_do() { State::Canary } else { State::Running };
        Step::To(state, words)
    }

    fn has_canary_to_do(&self) -> bool {
        self.published < self.canary && self.passing_wait
            || self.published <= self.canary && self.in_flight > 0
    }

    fn canary(&self) -> Step {
        let left = self.canary.saturating_sub(self.published);
        if left > 0 && self.passing_wait {
            return Step::Publish { most: left, passing_only: true };
        }
        if self.in_flight > 0 {
            return Step::Wait;
        }
        let words = format!("the canary is settled: {} stored, {} dead again", self.resolved, self.failed);
        Step::To(State::Running, words)
    }

    /// A canary speaks when all of it is settled.
    fn fails_too_often(&self) -> Option<String> {
        let settled = self.resolved + self.failed;
        let is_enough = match self.state {
            State::Canary => self.in_flight == 0 && (self.published >= self.canary || !self.passing_wait),
            State::Running => {
                self.canary > 0 || settled >= SAMPLE || self.in_flight == 0 && !self.members_wait
            }
            _ => false,
        };
        let share = if settled == 0 { 0.0 } else { self.failed as f64 / settled as f64 };
        (is_enough && share > self.stop_share).then(|| {
            format!(
                "{} of {settled} that the plan says pass are dead again: {:.1} %, and {:.1} % stop the job",
                self.failed,
                share * 100.0,
                self.stop_share * 100.0
            )
        })
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
