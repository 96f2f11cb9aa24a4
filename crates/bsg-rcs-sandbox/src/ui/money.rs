//! Accounts and their ledger.

use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{self, View, done, live, turning};
use crate::app_state::AppState;
use crate::control::accounts::amount;
use crate::control::answer::known;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{AccountIx, Command, Engine, LedgerEntry, MessageIx, Movement};

/// Lines of a page.
const LINES: usize = 100;
const MOVEMENTS: [Movement; 4] =
    [Movement::Reserved, Movement::Charged, Movement::Released, Movement::ToppedUp];

/// Which lines of the ledger to show.
#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    page: usize,
    #[serde(default)]
    account: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    message: String,
}

/// `GET /money`
pub(crate) async fn show(State(app): State<Arc<AppState>>, which: Query<Which>) -> Response {
    app.host.read(|engine| layout::page(engine, View::Money, "Money", &money(engine, &which)))
}

fn money(engine: &Engine, which: &Which) -> Markup {
    let currency = engine.world().prices.currency();
    html! {
        (live("accounts", html! { div.list tabindex="0" role="region" aria-label="Accounts" { table {
            caption { "Accounts, in " (currency) }
            thead { tr { th { "key" } th.number { "balance" } th.number { "reserved" } th.number { "charged" } th.number { "available" } } }
            tbody { @for (_, account) in engine.accounts() {
                @let ledger = &account.ledger;
                tr {
                    th scope="row" { (account.key) @if account.verified.is_some() { " " span.quiet { "test mode" } } }
                    td.number { (ledger.balance()) } td.number { (ledger.reserved()) }
                    td.number { (ledger.charged()) } td.number { (ledger.available()) }
                }
            } }
        } } }))
        h2 { "Top up" }
        form.row action="/money/top-up" method="post" {
            label { "Account" select name="key" { @for (_, account) in engine.accounts() { option { (account.key) } } } }
            label { "Amount" input name="amount" inputmode="decimal" value="10" required; }
            button.main id="top-up" { "Top up" }
        }
        h2 { "Ledger" }
        form.row action="/money" method="get" {
            label { "Account" select name="account" {
                option value="" { "every" }
                @for (_, account) in engine.accounts() { option selected[*account.key == *which.account] { (account.key) } }
            } }
            label { "Kind" select name="kind" {
                option value="" { "every" }
                @for movement in MOVEMENTS { option selected[movement.as_str() == which.kind] { (movement.as_str()) } }
            } }
            label { "Message" input name="message" inputmode="numeric" value=(which.message); }
            button { "Filter" }
        }
        (live("ledger", ledger(engine, which)))
    }
}

fn ledger(engine: &Engine, which: &Which) -> Markup {
    let account = engine.account_with_key(&which.account);
    let message = which.message.parse().ok().and_then(|id| engine.message(id));
    let skipped = which.page.saturating_mul(LINES);
    let mut lines =
        engine.ledger().iter().rev().filter(|line| matches(line, which, account, message));
    let page: Vec<_> = lines.by_ref().skip(skipped).take(LINES).collect();
    let has_more = lines.next().is_some();
    let Which { account, kind, message, .. } = which;
    let word = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let base =
        format!("/money?account={}&kind={}&message={}&", word(account), word(kind), word(message));
    html! {
        @if page.is_empty() { p { "No line of the ledger is like that." } }
        @else { div.list tabindex="0" role="region" aria-label="Ledger" { table {
            thead { tr { th { "when" } th { "account" } th { "kind" } th.number { "amount" } th { "message" } } }
            tbody { @for line in page { tr {
                td { (line.at) } td { (engine.account(line.account).key) } td { (line.movement.as_str()) }
                td.number { (line.amount) }
                td { @if let Some(ix) = line.message {
                    a href={ "/phones/" (engine.at(ix).phone.digits()) "#m" (ix.id()) } { (ix.id()) }
                } }
            } } }
        } } }
        (turning(&base, which.page, has_more))
    }
}

fn matches(
    line: &LedgerEntry,
    which: &Which,
    account: Option<AccountIx>,
    message: Option<MessageIx>,
) -> bool {
    (which.account.is_empty() || account == Some(line.account))
        && (which.kind.is_empty() || which.kind == line.movement.as_str())
        && (which.message.is_empty() || (message.is_some() && message == line.message))
}

#[derive(Debug, Deserialize)]
pub(crate) struct TopUp {
    key: String,
    amount: String,
}

/// `POST /money/top-up`
pub(crate) async fn top_up(State(app): State<Arc<AppState>>, Form(asked): Form<TopUp>) -> Response {
    let put_in = || -> Result<(), Refused> {
        let account = known(&app, &asked.key)?;
        Ok(app.host.perform(Command::TopUp(account, amount(&asked.amount)?)).map(drop)?)
    };
    done("/money", put_in())
}
