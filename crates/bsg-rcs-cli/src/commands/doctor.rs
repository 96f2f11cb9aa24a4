//! `doctor`: says what is wrong with store, key, address, clock and callback URL, and what to do.

use bsg_rcs::ErrorKind;
use bsg_rcs_campaign::{Clock, SystemClock};
use bsg_rcs_domain::CivilDateTime;
use bsg_rcs_store::Store;
use bsg_rcs_transport::{Bytes, Transport, http};
use bsg_rcs_transport_reqwest::ReqwestTransport;
use serde::Serialize;

use super::webhook;
use crate::args::{Doctor, General};
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::output::{self, Output};

/// How far this machine's clock may be from the platform's, in seconds.
const CLOCKS_APART: i64 = 120;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    well: bool,
    says: String,
    #[serde(skip)]
    exit: Exit,
}

impl Finding {
    fn well(what: &'static str, says: impl Into<String>) -> Self {
        Self { what, well: true, says: says.into(), exit: Exit::Done }
    }

    fn ill(what: &'static str, exit: Exit, says: impl Into<String>) -> Self {
        Self { what, well: false, says: says.into(), exit }
    }
}

pub(super) async fn run(
    general: &General,
    doctor: &Doctor,
    output: Output,
) -> Result<Exit, Failure> {
    let transport = ReqwestTransport::new()
        .map_err(|why| Failure::fault(format!("no request can be made: {why}")))?;
    let store = context::store(general).await;
    let mut findings = vec![match &store {
        Ok(_) => Finding::well("store", "it opens"),
        Err(failure) => Finding::ill("store", failure.exit, &*failure.message),
    }];
    findings.push(key(general).await);
    findings.push(clock(general, &transport).await);
    match (&doctor.callback_url, store) {
        (Some(url), Ok(store)) => findings.push(callback(&transport, &*store, url).await),
        (Some(_), Err(_)) => {}
        (None, _) => findings.push(Finding::well(
            "callbacks",
            "not looked at: name the URL that the platform has with --callback-url",
        )),
    }
    output.result(&findings, || {
        let mark = |well| if well { "ok" } else { "ILL" };
        let row = |one: &Finding| vec![mark(one.well).into(), one.what.into(), one.says.clone()];
        output::table(&["", "what", "says"], findings.iter().map(row).collect())
    })?;
    let worst = findings.iter().find(|finding| !finding.well);
    Ok(worst.map_or(Exit::Done, |finding| finding.exit))
}

/// Whether the platform is there and takes the key.
async fn key(general: &General) -> Finding {
    let client = match context::client(general) {
        Ok(client) => client,
        Err(failure) => return Finding::ill("key", failure.exit, failure.message),
    };
    match client.account().balance().await {
        Ok(funds) => Finding::well("key", format!("the platform takes it; balance {funds}")),
        Err(error) => {
            let advice = match error.kind() {
                ErrorKind::KeyRefused(_) => "look at the key in the account's page",
                ErrorKind::Transport => "look at --base-url, and at the way to it",
                _ => "try again later",
            };
            let says = format!("{}: {advice}", exit::with_sources(&error));
            Finding::ill("key", Failure::from(error).exit, says)
        }
    }
}

/// Whether this machine's clock agrees with the platform's.
async fn clock(general: &General, transport: &ReqwestTransport) -> Finding {
    let answer = match http::Request::get(&general.base_url).body(Bytes::new()) {
        Ok(request) => transport.exchange(request).await.ok(),
        Err(_) => None,
    };
    let date = answer.as_ref().and_then(|answer| answer.headers().get(http::header::DATE));
    let Some(theirs) = date.and_then(|date| date.to_str().ok()).and_then(seconds) else {
        return Finding::well("clock", "the platform does not tell the time");
    };
    let apart = SystemClock.now().0.div_euclid(1000) - theirs;
    if apart.abs() <= CLOCKS_APART {
        return Finding::well("clock", "it agrees with the platform's");
    }
    let how = if apart > 0 { "ahead of" } else { "behind" };
    let says = format!(
        "this machine's clock is {} s {how} the platform's: set it right, for validity and waits \
         are reckoned by it",
        apart.abs()
    );
    Finding::ill("clock", Exit::Input, says)
}

/// Seconds since 1970 of `Wed, 25 Nov 2026 16:52:07 GMT`.
fn seconds(date: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<&str> = date.split_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = parts.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    let civil = CivilDateTime::parse(&format!("{year}-{month:02}-{day:0>2} {time}")).ok()?;
    Some(civil.epoch_seconds())
}

/// Sends a callback through the public URL, and looks whether it came into this store.
async fn callback(transport: &ReqwestTransport, store: &dyn Store, url: &str) -> Finding {
    match try_callback(transport, store, url).await {
        Ok(finding) => finding,
        Err(failure) => Finding::ill("callbacks", failure.exit, failure.message),
    }
}

async fn try_callback(
    transport: &ReqwestTransport,
    store: &dyn Store,
    url: &str,
) -> Result<Finding, Failure> {
    let ill = |says: String| Ok(Finding::ill("callbacks", Exit::Input, says));
    let secret = webhook::secret(store).await?;
    if !url.ends_with(&secret.path()) {
        let why = "the URL does not end with this store's secret: take it from `bsg-rcs webhook`";
        return ill(why.to_owned());
    }
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|_| Failure::fault("the machine gives no random numbers"))?;
    let mark = format!("{:016x}", u64::from_be_bytes(random));
    let body = format!(r#"{{"doctor": "{mark}"}}"#);
    let before = last_body(store).await?;
    let request = http::Request::post(url)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.clone()))
        .map_err(|why| Failure::input(format!("--callback-url: {why}")))?;
    let answer = match transport.exchange(request).await {
        Ok(answer) => answer,
        Err(why) => {
            return ill(format!(
                "nothing answers at the URL ({}): is `bsg-rcs webhook` running, and does the name \
                 lead to it?",
                exit::with_sources(&why)
            ));
        }
    };
    match answer.status().as_u16() {
        200 => {}
        404 => {
            return ill(
                "404: another store's receiver listens there, or a proxy cuts the path".into()
            );
        }
        503 => return ill("503: the receiver cannot keep callbacks now; look at its log".into()),
        other => return ill(format!("{other}: something else than our receiver answers there")),
    }
    let kept = store.bodies(before, u32::MAX).await?;
    if kept.iter().any(|one| one.body == body.as_bytes()) {
        return Ok(Finding::well(
            "callbacks",
            "one was sent through the URL and came into the store",
        ));
    }
    ill("200, but it did not come into this store: another program answers there".to_owned())
}

/// The number of the last body that is kept, found by halving.
async fn last_body(store: &dyn Store) -> Result<u64, Failure> {
    let (mut low, mut high) = (0, i64::MAX.cast_unsigned());
    while low < high {
        let middle = low + (high - low) / 2;
        match store.bodies(middle, 1).await?.first() {
            Some(behind) => low = behind.id,
            None => high = middle,
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:10 GMT"), Some(10));
        assert_eq!(seconds("Wed, 25 Nov 2026 16:52:07 GMT"), Some(1_795_625_527));
        assert_eq!(seconds("yesterday"), None);
    }
}
