//! Prints the definition of the resource: `make generate` puts it into `crds/aigateway.yaml`.

use std::io::{Write, stdout};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    stdout().write_all(aigateway_crds::schema::yaml()?.as_bytes())?;
    Ok(())
}
