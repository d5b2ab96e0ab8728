//! What the kernel gave a process of its cores, so that one that hangs is told from one that was not let run.

use std::{fmt, fs, time::Duration};

/// How long the threads of a process ran, and how long they were ready to and waited for a core; the sums of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Cores {
    ran: Duration,
    waited: Duration,
}

impl Cores {
    /// Of a process up to now; nothing of one that is gone, or where the kernel does not count.
    pub(crate) fn of(pid: u32) -> Self {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let read = threads.filter_map(|thread| fs::read_to_string(thread.path().join("schedstat")).ok());
        read.fold(Self::default(), |all, text| {
            let mut nanos = text.split(' ').map(|number| Duration::from_nanos(number.parse().unwrap_or(0)));
            let mut next = || nanos.next().unwrap_or_default();
            Self { ran: all.ran + next(), waited: all.waited + next() }
        })
    }

    /// What came since an earlier look. A thread that has ended since takes its time along.
    #[must_use]
    pub(crate) fn since(self, earlier: Self) -> Self {
        let (ran, waited) =
            (self.ran.saturating_sub(earlier.ran), self.waited.saturating_sub(earlier.waited));
        Self { ran, waited }
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default();
        let (ran, waited) = (self.ran.as_secs_f64(), self.waited.as_secs_f64());
        write!(
            out,
            "meanwhile it ran for {ran:.2} s and waited {waited:.2} s for a core, at a load of {load}"
        )
    }
}
