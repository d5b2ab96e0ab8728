//! The tests of the whole stack, in one program: a link and a start-up less for each.

mod architecture;
mod archive;
mod by_hand;
mod bytes;
mod charted;
mod cluster;
mod compose;
mod dashboards;
mod dead_letters;
mod drift;
mod export;
mod failover;
mod history;
mod kept;
mod killed;
mod killer;
mod listed;
mod outage;
mod pipeline;
mod recorded;
mod rows;
mod secrets;
mod served;
mod signals;
mod trace;
mod workers;
