//! What is printed. All of it passes through [`visible`], so that nothing from outside reaches a terminal as it is.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::{
    failure::{Failure, usage},
    visible,
};

/// Standard output and error, and whether people read them.
#[derive(Debug)]
pub(crate) struct Screen {
    /// Whether what the API said is printed, for scripts.
    pub json: bool,
    /// The progress that stands on the last line of standard error now.
    progress: String,
}

impl Screen {
    /// The screen of this process.
    pub(crate) fn new(json: bool) -> Self {
        Self { json, progress: String::new() }
    }

    /// Prints lines for people.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.end_progress();
        output(&visible::block(text))
    }

    /// Prints what the API said, for scripts.
    pub(crate) fn print_json(&mut self, text: &str) -> Result<(), Failure> {
        self.end_progress();
        output(&(visible::json(text.trim_end()) + "\n"))
    }

    /// Prints a script of our own making: its tabs and escapes are meant.
    pub(crate) fn print_script(&mut self, text: &str) -> Result<(), Failure> {
        output(text)
    }

    /// Prints one of both.
    pub(crate) fn show(&mut self, json: &str, people: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json { self.print_json(json) } else { self.print(&people()) }
    }

    /// Says how far something is: in the same line on a terminal, else in a line for each change.
    pub(crate) fn progress(&mut self, text: &str) {
        if self.progress == text {
            return;
        }
        text.clone_into(&mut self.progress);
        let shown = visible::line(text);
        let mut error = io::stderr().lock();
        // Nobody reads it where it fails.
        let _ =
            if error.is_terminal() { write!(error, "\r\x1b[2K{shown}") } else { writeln!(error, "{shown}") };
        let _ = error.flush();
    }

    fn end_progress(&mut self) {
        if !std::mem::take(&mut self.progress).is_empty() && io::stderr().is_terminal() {
            let _ = writeln!(io::stderr());
        }
    }

    /// Says something beside the answer.
    pub(crate) fn note(&mut self, text: &str) {
        self.end_progress();
        let _ = writeln!(io::stderr(), "{}", visible::block(text));
    }

    /// Asks for a line; `None` where nobody is there to write one.
    pub(crate) fn ask(&mut self, question: &str) -> Option<String> {
        if !io::stdin().is_terminal() {
            return None;
        }
        self.end_progress();
        let _ = write!(io::stderr(), "{} ", visible::line(question));
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).ok()?;
        Some(line.trim().to_owned())
    }

    /// Asks before many items are touched.
    pub(crate) fn confirm(&mut self, yes: bool, question: &str) -> Result<(), Failure> {
        if yes {
            return Ok(());
        }
        match self.ask(&format!("{question} [y/N]")) {
            Some(answer) if matches!(answer.to_lowercase().as_str(), "y" | "yes") => Ok(()),
            Some(_) => Err(usage("nothing was done")),
            None => Err(usage(format!("{question} Nobody is here to say yes; --yes says it"))),
        }
    }

    /// The reason, asked for where it was not given.
    pub(crate) fn reason(&mut self, given: Option<&str>) -> Result<String, Failure> {
        let reason = match given {
            Some(given) => given.trim().to_owned(),
            None => self.ask("Why? The audit keeps it:").unwrap_or_default(),
        };
        if reason.is_empty() { Err(usage("--reason TEXT is needed: the audit keeps it")) } else { Ok(reason) }
    }
}

fn output(text: &str) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        // Whoever reads has enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(usage(format!("write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}
