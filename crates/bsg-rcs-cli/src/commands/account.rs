//! `account balance`

use serde::Serialize;

use crate::args::General;
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Serialize)]
struct BalanceShown {
    balance: String,
    credit: String,
    currency: String,
}

pub(super) async fn balance(general: &General, output: Output) -> Result<Exit, Failure> {
    let balance = context::client(general)?.account().balance().await?;
    let shown = BalanceShown {
        balance: balance.balance.amount.to_string(),
        credit: balance.credit.amount.to_string(),
        currency: balance.balance.currency.to_string(),
    };
    output
        .result(&shown, || format!("balance  {}\ncredit   {}", balance.balance, balance.credit))?;
    Ok(Exit::Done)
}
