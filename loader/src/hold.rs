//! Holding a batch: what the database's error looks like to the consume loop, which tries again.

use kansoku_service::Unavailable;

use crate::fault::{Class, Fault};

/// The name of the database in `/readyz`.
pub const POSTGRES: &str = "postgres";

/// The database does not answer.
pub fn unavailable(doing: &'static str, error: sqlx::Error) -> Unavailable {
    Unavailable::new(POSTGRES, anyhow::Error::new(error).context(doing))
}

/// A statement failed. Our own mistake holds the batch as well, since nothing may be lost for it; it is logged as an
/// error at every try, because nothing but a new version or a hand on the tables mends it.
pub fn on(fault: &Fault) -> Unavailable {
    match fault.class {
        Class::Unavailable => Unavailable::new(POSTGRES, words(fault)),
        Class::Data | Class::Partition | Class::Bug => {
            on_defect(fault, "the tables refuse what the loader writes")
        }
    }
}

/// As [`on`] for our own mistakes, with what makes it one.
pub fn on_defect(fault: &Fault, why: &str) -> Unavailable {
    let code = fault.code.as_deref().unwrap_or("none");
    tracing::error!(db.response.status_code = code, "holding the batch, {why}: {fault}: {}", fault.source);
    let remediation =
        "a defect of the loader, or tables changed by hand: nothing is lost, the batch waits for a repair";
    Unavailable::new(POSTGRES, words(fault).context(why.to_owned())).with_remediation(remediation)
}

fn words(fault: &Fault) -> anyhow::Error {
    anyhow::anyhow!("{}", fault.source).context(fault.doing)
}
