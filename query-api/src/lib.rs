//! The HTTP API over the stored time series, its cache, and the web UI it serves.
//!
//! A request is read ([`selection`], [`parameters`]), answered from the cache or within one snapshot of the database
//! (`cache`, `database`), and sent with its validators (`http`). Each resource is one file in [`endpoints`].

pub mod answer;
mod app;
mod cache;
pub mod csv;
pub mod cursor;
mod database;
mod docs;
pub mod endpoints;
mod http;
pub mod limit;
pub mod openapi;
pub mod parameters;
pub mod problem;
mod resource;
mod router;
pub mod selection;
pub mod settings;
mod start;
pub mod vocabulary;
mod web;

pub use start::{Assembled, Surroundings, assemble, start};
