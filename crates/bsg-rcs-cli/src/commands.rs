//! The commands, one file each.

mod account;
mod campaign;
mod check;
mod demo;
mod doctor;
mod forget;
mod inbox;
mod lists;
mod manual;
mod preview;
mod report;
mod sandbox;
mod send;
mod stop_list;
mod store;
mod webhook;

use crate::args::{Account, Args, Command, StoreAction};
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Runs what was asked for.
pub(crate) async fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let general = &args.general;
    match args.command {
        Command::Demo(demo) => demo::run(demo, *output).await,
        Command::Check(check) => check::run(&check, *output),
        Command::Preview(preview) => preview::run(&preview, *output),
        Command::Send(send) => send::run(general, &send, *output).await,
        Command::Resolve(resolve) => send::resolve(general, &resolve, *output).await,
        Command::Campaign(campaign) => campaign::run(general, campaign, *output).await,
        Command::Webhook(webhook) => webhook::run(general, &webhook, *output).await,
        Command::Doctor(doctor) => doctor::run(general, &doctor, *output).await,
        Command::Forget(forget) => forget::number(general, &forget, *output).await,
        Command::Store(StoreAction::Backup(asked)) => store::backup(general, &asked, *output).await,
        Command::Account(Account::Balance) => account::balance(general, *output).await,
        Command::Account(Account::Tariffs) => account::tariffs(general, *output).await,
        Command::StopList(asked) => stop_list::run(general, &asked, *output).await,
        Command::Lists(asked) => lists::run(general, &asked, *output).await,
        Command::Sandbox(sandbox) => sandbox::run(&sandbox, *output).await,
        Command::Completions(completions) => manual::completions(&completions),
        Command::Man(man) => manual::pages(&man),
    }
}
