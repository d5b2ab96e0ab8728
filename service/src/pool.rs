//! How far the pools of connections to a database are used, read when the numbers are fetched.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

use crate::Metrics;

/// A pool of connections.
pub struct ConnectionPool {
    /// Which of the process's.
    pub name: &'static str,
    /// The most connections it may have.
    pub max: u32,
    /// Counts its connections, those first that are idle, then all.
    pub count: Box<dyn Fn() -> (usize, usize) + Send + Sync>,
}

impl fmt::Debug for ConnectionPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ConnectionPool").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Adds the pools of the process, all at once.
    pub fn connection_pools(&self, pools: impl Into<Vec<ConnectionPool>>) {
        self.collect(Pools(pools.into()));
    }
}

#[derive(Debug)]
struct Pools(Vec<ConnectionPool>);

impl Collector for Pools {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        const POOL: &str = "db_client_connection_pool_name";
        let gauge = |value: usize| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
        let of_gauge = gauge(0).metric_type();
        let help = "Connections of the pool, idle or used";
        let mut count = encoder.encode_descriptor("db_client_connection_count", help, None, of_gauge)?;
        for ConnectionPool { name, count: read, .. } in &self.0 {
            let (idle, all) = read();
            for (state, value) in [("idle", idle), ("used", all.saturating_sub(idle))] {
                let labels = [(POOL, *name), ("state", state)];
                gauge(value).encode(count.encode_family(&labels)?)?;
            }
        }
        let help = "The most connections that the pool may have";
        let mut max = encoder.encode_descriptor("db_client_connection_max", help, None, of_gauge)?;
        for pool in &self.0 {
            gauge(pool.max as usize).encode(max.encode_family(&[(POOL, pool.name)])?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_counted_when_the_numbers_are_fetched() {
        let metrics = Metrics::default();
        let pool =
            |name, max, count: fn() -> (usize, usize)| ConnectionPool { name, max, count: Box::new(count) };
        metrics.connection_pools([pool("reads", 8, || (2, 5)), pool("commands", 2, || (0, 0))]);
        let text = metrics.encode();
        for line in [
            "db_client_connection_count{db_client_connection_pool_name=\"reads\",state=\"idle\"} 2\n",
            "db_client_connection_count{db_client_connection_pool_name=\"reads\",state=\"used\"} 3\n",
            "db_client_connection_count{db_client_connection_pool_name=\"commands\",state=\"used\"} 0\n",
            "db_client_connection_max{db_client_connection_pool_name=\"reads\"} 8\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        assert_eq!(text.matches("# TYPE db_client_connection_count ").count(), 1, "{text}");
    }
}
