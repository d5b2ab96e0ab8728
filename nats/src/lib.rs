//! Everything that speaks to NATS: topology, publishing, the one consume loop, dead letters. The only crate that
//! names `async_nats`.

pub mod keys;
pub mod server_conf;
