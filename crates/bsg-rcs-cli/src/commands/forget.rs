//! `forget` and `campaign forget`: numbers are removed, counts and money stay.

use bsg_rcs_campaign::forget::forget;
use bsg_rcs_store::Forget;
use serde::Serialize;

use crate::args::{self, General};
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Serialize)]
struct Forgotten {
    recipients: u64,
}

pub(super) async fn number(
    general: &General,
    asked: &args::Forget,
    output: Output,
) -> Result<Exit, Failure> {
    let number = context::number("the number", &asked.number, &asked.numbering, output)?;
    run(general, Forget::Number(number), output).await
}

pub(super) async fn run(general: &General, whom: Forget, output: Output) -> Result<Exit, Failure> {
    let store = context::store(general).await?;
    let recipients = forget(&*store, whom).await?;
    output.result(&Forgotten { recipients }, || {
        format!("{recipients} recipients are forgotten; counts and money stay")
    })?;
    Ok(Exit::Done)
}
