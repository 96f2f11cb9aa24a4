//! `account balance` and `account tariffs`

use serde::Serialize;

use crate::args::General;
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

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

#[derive(Serialize)]
struct TariffShown {
    code: i64,
    name: Option<String>,
    active: bool,
    default: bool,
}

pub(super) async fn tariffs(general: &General, output: Output) -> Result<Exit, Failure> {
    let tariffs = context::client(general)?.account().tariffs().await?;
    let shown: Vec<_> = tariffs
        .into_iter()
        .map(|tariff| TariffShown {
            code: tariff.code,
            name: tariff.name,
            active: tariff.is_active,
            default: tariff.is_default,
        })
        .collect();
    output.result(&shown, || {
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        let row = |tariff: &TariffShown| {
            let name = tariff.name.clone().unwrap_or_default();
            vec![tariff.code.to_string(), name, yes(tariff.active), yes(tariff.default)]
        };
        output::table(&["code", "name", "active", "default"], shown.iter().map(row).collect())
    })?;
    Ok(Exit::Done)
}
