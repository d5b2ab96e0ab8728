//! The HTTP API over the stored time series, its cache, and the web UI it serves.
//!
//! A request is read ([`selection`], [`parameters`]), responded to from the cache or within one snapshot of the database
//! (`cache`, `database`), and the response is sent with its validators (`http`). Each resource is one file in [`endpoints`].

mod app;
mod cache;
pub mod csv;
pub mod cursor;
mod database;
mod docs;
pub mod endpoints;
mod http;
pub mod openapi;
pub mod operator;
pub mod parameters;
pub mod problem;
mod resource;
pub mod response;
mod router;
pub mod selection;
pub mod settings;
mod start;
pub mod vocabulary;
mod web;

pub use start::{Assembled, BUILD, ServiceContext, assemble, start};
