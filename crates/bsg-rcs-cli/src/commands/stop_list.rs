//! `stop-list`: who is not written to.

use bsg_rcs::{Client, StopList as Platform, StopListEntry, StoppedChannel};
use bsg_rcs_domain::Msisdn;
use futures_util::TryStreamExt;
use serde::Serialize;

use crate::args::{General, Numbers, StopList};
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

/// What we send by.
const CHANNELS: [StoppedChannel; 2] = [StoppedChannel::Rcs, StoppedChannel::Sms];

#[derive(Serialize)]
struct Shown {
    id: u64,
    number: Option<String>,
    since: Option<String>,
    rcs: Option<bool>,
    sms: Option<bool>,
}

pub(super) async fn run(
    general: &General,
    asked: &StopList,
    output: Output,
) -> Result<Exit, Failure> {
    let client = context::client(general)?;
    let entries = match asked {
        StopList::Add(numbers) => add(&client, &read(numbers, output)?).await?,
        StopList::Remove(numbers) => remove(&client, &read(numbers, output)?).await?,
        StopList::List => client.stop_list().all(None).try_collect().await?,
    };
    let shown: Vec<_> = entries.iter().map(shown).collect();
    output.result(&shown, || {
        let yes =
            |is: Option<bool>| is.map_or("?", |is| if is { "stopped" } else { "" }).to_owned();
        let row = |entry: &Shown| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            vec![text(&entry.number), yes(entry.rcs), yes(entry.sms), text(&entry.since)]
        };
        output::table(&["number", "RCS", "SMS", "since"], shown.iter().map(row).collect())
    })?;
    Ok(Exit::Done)
}

async fn add(client: &Client, numbers: &[Msisdn]) -> Result<Vec<StopListEntry>, Failure> {
    let mut added = Vec::new();
    for some in numbers.chunks(Platform::ADD_MAX) {
        added.extend(client.stop_list().add(some, &CHANNELS).await?);
    }
    Ok(added)
}

/// Takes numbers off the list; answers the entries that they had.
async fn remove(client: &Client, numbers: &[Msisdn]) -> Result<Vec<StopListEntry>, Failure> {
    let mut found = Vec::new();
    for number in numbers {
        found.extend(client.stop_list().find(*number).await?);
    }
    let ids: Vec<_> = found.iter().map(|entry| entry.id).collect();
    for some in ids.chunks(Platform::REMOVE_MAX) {
        client.stop_list().remove(some, &CHANNELS).await?;
    }
    Ok(found)
}

fn read(numbers: &Numbers, output: Output) -> Result<Vec<Msisdn>, Failure> {
    let read = |text: &String| {
        let what = format!("{text:?}");
        context::number(&what, text, &numbers.numbering, output)
    };
    numbers.numbers.iter().map(read).collect()
}

fn shown(entry: &StopListEntry) -> Shown {
    Shown {
        id: entry.id.get(),
        number: entry.number.map(|number| number.digits().to_string()),
        since: entry.created_at.map(|at| at.to_string()),
        rcs: entry.rcs,
        sms: entry.sms,
    }
}
