//! How a failpoint ends the process.

use rustix::process::{Signal, getpid, kill_process};

/// Ends this process by SIGKILL, as `kill -9` does: nothing of it runs any more.
pub fn kill_this_process() -> ! {
    // A process may always signal itself. Whether it could or not: nothing after this point may run.
    let _ = kill_process(getpid(), Signal::KILL);
    loop {
        std::thread::park();
    }
}
