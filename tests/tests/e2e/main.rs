//! A real proxy between scripted upstreams and real clients, theme by theme. Each test's name is its claim.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail where they stand")]

mod admin;
mod bad_input;
mod bedrock;
mod binary;
mod cache;
mod clients;
mod commit;
mod compressed;
mod doors;
mod drain;
mod fallback;
mod flights;
mod gemini;
mod harness;
mod headers;
mod health;
mod limits;
mod names;
mod native;
mod parts;
mod pipes;
mod providers;
mod query_keys;
mod reload;
mod rest;
mod slow_clients;
mod sockets;
mod stopped;
mod stream;
mod tls;
mod translate;
mod universal;
mod uploads;
mod vertex;
