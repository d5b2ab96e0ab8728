//! What one journey of all rows down the road took, and where.

use crate::metrics;

/// One journey of all rows.
#[derive(Debug, Clone, Copy)]
pub struct Journey {
    /// Rows committed.
    pub rows: f64,
    /// Seconds from the start of both programs until every message is settled.
    pub seconds: f64,
    /// Seconds until the last page was in VALID.
    pub judged: f64,
    /// Processor seconds.
    pub processor: Processor,
    /// Seconds that the validator parsed and judged.
    pub judging: f64,
    /// Where the validator's time went.
    pub validator: Phases,
    /// Where the time of the loader's consumer of VALID went.
    pub loader: Phases,
    /// Seconds that the loader was in a transaction.
    pub committing: f64,
    /// Transactions with pages.
    pub commits: f64,
    /// Resident memory of the validator afterwards, in MB.
    pub validator_memory: f64,
    /// Resident memory of the loader afterwards, in MB.
    pub loader_memory: f64,
}

/// Processor seconds by program.
#[derive(Debug, Clone, Copy)]
pub struct Processor {
    /// The validator.
    pub validator: f64,
    /// The loader.
    pub loader: f64,
    /// nats-server.
    pub nats: f64,
    /// Postgres with all its processes.
    pub postgres: f64,
    /// Everything else that ran on the machine.
    pub others: f64,
    /// Nobody: the cores had nothing to do.
    pub nobody: f64,
}

/// What one consume loop did, in seconds; the rest of the time it asked for messages or had none.
#[derive(Debug, Clone, Copy)]
pub struct Phases {
    /// Carrying out the effect, until it is durable.
    pub effect: f64,
    /// Acknowledging, until that is confirmed.
    pub settling: f64,
}

impl Phases {
    /// Reads them off a service's `/metrics`, for messages of `subject`.
    pub fn read(page: &str, subject: &str) -> Self {
        let sum = |operation: &str| {
            let labels = [format!("_name=\"{operation}\""), format!("_template=\"{subject}\"")];
            metrics::sum(page, "messaging_client_operation_duration_seconds_sum", &labels)
        };
        Self { effect: sum("process"), settling: sum("ack") }
    }
}

impl Journey {
    /// Committed rows per second.
    pub fn rate(&self) -> f64 {
        self.rows / self.seconds
    }

    /// Processor seconds of all who take part, per committed row.
    pub fn processor_per_row(&self) -> f64 {
        let Processor { validator, loader, nats, postgres, .. } = self.processor;
        (validator + loader + nats + postgres) / self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_those_of_one_subject() {
        let page = "messaging_client_operation_duration_seconds_sum{messaging_operation_name=\"process\",\
                    messaging_destination_template=\"raw.{dataset}\",error_type=\"\"} 2.5\n\
                    messaging_client_operation_duration_seconds_sum{messaging_operation_name=\"ack\",\
                    messaging_destination_template=\"raw.{dataset}\",error_type=\"\"} 0.5\n\
                    messaging_client_operation_duration_seconds_sum{messaging_operation_name=\"process\",\
                    messaging_destination_template=\"run.{dataset}.{run}\",error_type=\"\"} 9\n";
        let Phases { effect, settling } = Phases::read(page, "raw.{dataset}");
        assert_eq!((effect, settling), (2.5, 0.5));
    }
}
