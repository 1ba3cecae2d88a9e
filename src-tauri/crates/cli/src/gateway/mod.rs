//! The gateway over HTTP. Routes are thin: they read a request, call `services::gateway`, and write the answer.
//!
//! - `server`: listens, drains, stops.
//! - `routes`: every address; `frame`: what is the same for all of them: limits, correlation ids, errors.
//! - `token`, `recordings`, `search`, `operations`: one file a group of addresses.
//! - `openapi.json`: the description that is served, and that a test holds against the running gateway.

mod frame;
mod operations;
mod recordings;
mod routes;
mod search;
mod server;
mod token;

pub(crate) use server::serve;
