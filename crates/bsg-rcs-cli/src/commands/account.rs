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
    currency: Option<String>,
}

pub(super) async fn balance(general: &General, output: Output) -> Result<Exit, Failure> {
    let balance = context::client(general)?.account().balance().await?;
    let shown = BalanceShown {
        balance: balance.balance.to_string(),
        credit: balance.credit.to_string(),
        currency: balance.currency.map(|currency| currency.to_string()),
    };
    output.result(&shown, || {
        let currency = balance.currency.map(|code| format!(" {code}")).unwrap_or_default();
        format!("balance  {}{currency}\ncredit   {}{currency}", balance.balance, balance.credit)
    })?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct TariffShown {
    code: Option<i64>,
    name: Option<String>,
    active: Option<bool>,
    default: Option<bool>,
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
        let yes = |is: Option<bool>| is.map_or("?", |is| if is { "yes" } else { "no" }).to_owned();
        let row = |tariff: &TariffShown| {
            let name = tariff.name.clone().unwrap_or_default();
            let code = tariff.code.map_or_else(|| "?".to_owned(), |code| code.to_string());
            vec![code, name, yes(tariff.active), yes(tariff.default)]
        };
        output::table(&["code", "name", "active", "default"], shown.iter().map(row).collect())
    })?;
    Ok(Exit::Done)
}
