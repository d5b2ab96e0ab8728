//! Everything that speaks to NATS: topology, publishing, the one consume loop, dead letters. The only crate that
//! names `async_nats`.

mod api;
mod batch;
mod carried;
mod client;
pub mod consume;
pub mod dead_letter;
mod headers;
pub mod id;
pub mod keys;
mod kv;
mod message;
mod metrics;
mod monitor;
pub mod page;
mod publish;
mod raw;
pub mod server_conf;
mod settings;
mod stored;
pub mod subject;
mod tls;
pub mod topology;
pub mod trace;

pub use api::ApiError;
pub use batch::Traced;
pub use client::{Client, ClientContext, ConnectError};
pub use consume::{ConsumerSpec, Delivery, GiveUp, Handler, Verdict};
pub use headers::Headers;
pub use kv::Entry;
pub use message::{ConsumerState, Outgoing, PubAck, Stored};
pub use publish::PublishError;
pub use settings::Settings;
pub use stored::StreamState;
