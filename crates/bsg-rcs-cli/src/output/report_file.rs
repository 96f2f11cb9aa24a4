//! A report as one file to send to a colleague: HTML, in which nothing runs.

use std::collections::BTreeMap;

use bsg_rcs_campaign::CampaignReport;
use bsg_rcs_campaign::breakdown::{Breakdown, Moment, Sum};
use bsg_rcs_domain::{CivilDateTime, MessageStatus};
use bsg_rcs_store::Timestamp;
use bsg_rcs_view::chart::{Chart, Series};
use bsg_rcs_view::funnel::{self, Stage};
use bsg_rcs_view::handset::Handset;
use bsg_rcs_view::page::document;
use maud::{Markup, html};

/// Steps that the chart has at most.
const STEPS: i64 = 48;

/// The whole file. `asked` is when it was made.
pub(crate) fn html(
    report: &CampaignReport,
    sums: &Breakdown,
    course: &[Moment],
    message: &Handset,
    asked: Timestamp,
) -> String {
    let state = format!("{:?}", report.state).to_lowercase();
    let currency = report.currency.as_deref().unwrap_or("");
    let body = html! {
        p { strong { (state) } ", as of " (moment(asked)) ". Billed by the reports: " strong { (report.billed) " " (currency) } "." }
        h2 { "How far they got" }
        (funnel::html(&stages(report)))
        @for (count, says) in [
            (report.pending, "are not sent, or it is not known yet"),
            (report.rejected, "were refused by the platform"),
            (report.undetermined, "are undetermined: a person must decide"),
            (report.never_told, "were accepted, and no end was ever reported"),
            (report.sms, "were reached by SMS"),
        ] { @if count > 0 { p { (count) " " (says) "." } } }
        h2 { "Over time" }
        (chart(course).html())
        h2 { "What did not arrive" }
        @if sums.failures.is_empty() { p { "Nothing that is known of." } } @else { table {
            thead { tr { th { "why" } th { "country" } th.number { "recipients" } } }
            tbody { @for ((why, country), count) in &sums.failures { tr {
                th scope="row" { (why) } td { (known(country)) } td.number { (count) }
            } } }
        } }
        h2 { "What it cost" }
        (costs("country", sums.countries.iter().map(|(name, sum)| (name.as_str(), sum))))
        (costs("type", sums.kinds.iter().map(|(name, sum)| (*name, sum))))
        h2 { "Clicks" }
        @if report.buttons.is_empty() { p { "Nobody clicked." } } @else { table {
            thead { tr { th { "button" } th { "postback" } th.number { "clicks" } } }
            tbody { @for button in &report.buttons { tr {
                th scope="row" { (button.text.as_deref().unwrap_or("")) } td { (button.postback.as_deref().unwrap_or("")) } td.number { (button.clicks) }
            } } }
        } }
        h2 { "The message" }
        (message.html())
    };
    document(&format!("Campaign {}", report.campaign), &body).into_string()
}

fn stages(report: &CampaignReport) -> Vec<Stage> {
    let count = |wanted: &dyn Fn(MessageStatus) -> bool| -> u64 {
        let status = |word: &str| MessageStatus::ALL.into_iter().find(|one| one.as_str() == word);
        let counts = report.statuses.iter();
        counts.filter(|(word, _)| status(word).is_some_and(wanted)).map(|(_, count)| count).sum()
    };
    // What failed, and what has no RCS, may never have left the platform.
    let sent = |status: MessageStatus| {
        let ended = matches!(status, MessageStatus::Expired | MessageStatus::Undelivered);
        status == MessageStatus::Sent || ended || status.is_delivered()
    };
    vec![
        Stage::new("recipients", report.recipients),
        Stage::new("accepted", report.accepted),
        Stage::new("sent", count(&sent)),
        Stage::new("delivered", count(&MessageStatus::is_delivered)),
        Stage::new("read", count(&|status| status == MessageStatus::Read)),
    ]
}

/// Evenly spread moments of the course.
fn chart(course: &[Moment]) -> Chart {
    let (Some(first), Some(last)) = (course.first(), course.last()) else {
        return Chart::default();
    };
    let span = last.at.0.saturating_sub(first.at.0);
    // Rounded up, so that no short step is left over.
    let step = ((span + STEPS - 1) / STEPS).max(1000);
    let mut moments = Vec::new();
    let mut lines: BTreeMap<MessageStatus, Vec<u64>> =
        last.statuses.keys().map(|status| (*status, Vec::new())).collect();
    let mut at = first.at.0;
    loop {
        let stands = course.iter().rfind(|one| one.at.0 <= at);
        moments.push(moment(Timestamp(at)));
        for (status, counts) in &mut lines {
            let count = stands.and_then(|one| one.statuses.get(status));
            counts.push(count.copied().unwrap_or(0));
        }
        if at >= last.at.0 {
            break;
        }
        at = at.saturating_add(step).min(last.at.0);
    }
    let series = lines.into_iter();
    Chart {
        says: "Recipients by the status to show".to_owned(),
        moments,
        series: series
            .map(|(status, counts)| Series { name: status.to_string(), counts })
            .collect(),
    }
}

fn costs<'a>(what: &str, rows: impl Iterator<Item = (&'a str, &'a Sum)>) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label={ "Cost by " (what) } {
            table {
                thead { tr { th { (what) } th.number { "recipients" } th.number { "delivered" } th.number { "billed" } } }
                tbody { @for (name, sum) in rows { tr {
                    th scope="row" { (known(name)) } td.number { (sum.recipients) } td.number { (sum.delivered) }
                    td.number { @for (currency, amount) in &sum.billed { (amount) " " (currency) " " } }
                } } }
            }
        }
    }
}

fn known(name: &str) -> &str {
    if name.is_empty() { "unknown" } else { name }
}

fn moment(at: Timestamp) -> String {
    let civil = CivilDateTime::from_epoch_seconds(at.0.div_euclid(1000));
    civil.map(|civil| format!("{civil} UTC")).unwrap_or_default()
}
