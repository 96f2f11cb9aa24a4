//! Plans and reports as tables.

use std::collections::BTreeSet;

use bsg_rcs_campaign::report::{Button, Contradicted};
use bsg_rcs_campaign::{CampaignReport, Difference, PlanSummary, RefusedLine};
use bsg_rcs_domain::rules;
use comfy_table::{ContentArrangement, Table, presets};

/// Refusals that a terminal shows; the JSON has the first hundred.
const REFUSALS_SHOWN: usize = 10;

/// Countries that a terminal shows; the JSON has all.
const COUNTRIES_SHOWN: usize = 20;

pub(super) fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = empty();
    table.set_header(header.to_vec());
    table.add_rows(rows);
    table.to_string()
}

/// Names and values side by side, without a header.
fn pairs(rows: Vec<(&str, String)>) -> String {
    let mut table = empty();
    table.add_rows(rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]));
    table.to_string()
}

fn empty() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(super::columns()).unwrap_or(u16::MAX));
    table
}

pub(super) fn plan(plan: &PlanSummary) -> String {
    let mut rows = vec![
        ("lines read", plan.read.to_string()),
        ("refused", refused(plan)),
        ("duplicates", plan.duplicates.to_string()),
        ("recipients", plan.recipients.to_string()),
        ("batches", plan.batches.to_string()),
    ];
    match &plan.estimate {
        Some(estimate) => {
            let currency = &estimate.currency;
            rows.push(("expected cost", format!("{} {currency}", estimate.expected)));
            rows.push(("at worst", format!("{} {currency}", estimate.worst)));
        }
        None => rows.push(("cost", "no prices were given (--prices FILE)".to_owned())),
    }
    if !plan.campaign.is_empty() {
        rows.insert(0, ("campaign", plan.campaign.clone()));
    }
    let mut words = format!("Plan\n{}", pairs(rows));
    words.push_str(&countries(plan));
    words.push_str(&lines("Refused", &plan.refusals, plan.refused));
    words.push_str(&reasons(plan.refused_by_rule.keys()));
    words.push_str(&lines("Suspicious but included", &plan.doubts, plan.doubtful));
    let doubts: BTreeSet<_> = plan.doubts.iter().map(|doubt| &doubt.rule).collect();
    words.push_str(&reasons(doubts.into_iter()));
    words
}

/// How many lines are refused, and by which rules.
fn refused(plan: &PlanSummary) -> String {
    let of_rule = |(rule, count): (&String, &u64)| format!("{count} {rule}");
    match plan.refused_by_rule.len() {
        0 | 1 => plan.refused.to_string(),
        _ => {
            let rules: Vec<_> = plan.refused_by_rule.iter().map(of_rule).collect();
            format!("{}: {}", plan.refused, rules.join(", "))
        }
    }
}

/// How many recipients each country has, the most first; nothing for one country alone.
fn countries(plan: &PlanSummary) -> String {
    if plan.countries.len() < 2 {
        return String::new();
    }
    let mut countries: Vec<_> = plan.countries.iter().collect();
    countries.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let more = match countries.split_off(countries.len().min(COUNTRIES_SHOWN)) {
        rest if rest.is_empty() => String::new(),
        rest => format!("\n and {} countries more", rest.len()),
    };
    let row = |(country, count): (&String, &u64)| vec![country.clone(), count.to_string()];
    let rows = countries.into_iter().map(row).collect();
    format!("\n\nCountries\n{}{more}", table(&["country", "recipients"], rows))
}

/// What the rules say that these lines break; nothing for none.
fn reasons<'rule>(ids: impl Iterator<Item = &'rule String>) -> String {
    let reason = |id: &String| {
        let says = rules::ALL.iter().find(|rule| rule.id == id).map_or("", |rule| rule.says);
        super::indented(&format!("{id}: {says}"))
    };
    let reasons: Vec<_> = ids.map(reason).collect();
    if reasons.is_empty() { String::new() } else { format!("\n\n{}", reasons.join("\n")) }
}

/// The first lines of a recipients' file of which something is to be said; nothing for none.
fn lines(title: &str, listed: &[RefusedLine], of: u64) -> String {
    if listed.is_empty() {
        return String::new();
    }
    let shown = listed.iter().take(REFUSALS_SHOWN);
    let row = |line: &RefusedLine| {
        vec![line.line.to_string(), format!("{:?}", line.value), line.rule.clone()]
    };
    let rows = table(&["line", "value", "rule"], shown.map(row).collect());
    let more = match of.saturating_sub(REFUSALS_SHOWN as u64) {
        0 => String::new(),
        more => format!("\n and {more} more"),
    };
    format!("\n\n{title}\n{rows}{more}")
}

pub(super) fn report(report: &CampaignReport) -> String {
    let state = format!("{:?}", report.state).to_lowercase();
    let currency = report.currency.as_deref().unwrap_or("");
    let mut rows = vec![
        ("campaign", report.campaign.clone()),
        ("state", state),
        ("recipients", report.recipients.to_string()),
        ("accepted", report.accepted.to_string()),
    ];
    let start = report.start_at.as_ref().map(|start| format!("{start}, the platform's time"));
    let head = [("name", report.name.clone()), ("start", start), ("why", report.note.clone())];
    let head = head.into_iter().filter_map(|(name, value)| Some((name, value?)));
    rows.splice(2..2, head);
    for (status, count) in &report.statuses {
        rows.push(("", format!("{count} {status}")));
    }
    rows.extend([
        ("never told", report.never_told.to_string()),
        ("rejected", report.rejected.to_string()),
        ("undetermined", report.undetermined.to_string()),
        ("pending", report.pending.to_string()),
        ("clicks", report.clicks.to_string()),
        ("by SMS", report.sms.to_string()),
        ("billed", format!("{} {currency}", report.billed)),
    ]);
    if report.unpriced > 0 {
        let unpriced = format!("{} delivered without a readable price", report.unpriced);
        rows.push(("unpriced", unpriced));
    }
    if let Some(quoted) = &report.quoted {
        rows.push(("quoted at worst", format!("{} {}", quoted.worst, quoted.currency)));
        if let Some(cap) = &report.max_cost {
            rows.push(("cap", format!("{cap} {}", quoted.currency)));
        }
    }
    for (word, reports) in &report.unknown_words {
        rows.push(("unknown status", format!("{word:?} in {reports} reports")));
    }
    let more = [
        buttons(&report.buttons),
        contradictions(&report.contradictions),
        differences(&report.differences),
    ];
    format!("Report\n{}{}", pairs(rows), more.concat())
}

/// The buttons that were clicked; nothing for none.
fn buttons(buttons: &[Button]) -> String {
    if buttons.is_empty() {
        return String::new();
    }
    let row = |button: &Button| {
        let word = |text: &Option<String>| text.clone().unwrap_or_default();
        vec![button.clicks.to_string(), word(&button.text), word(&button.postback)]
    };
    let rows = buttons.iter().map(row).collect();
    format!("\n\nClicks\n{}", table(&["clicks", "button", "postback"], rows))
}

/// Of whom was said what cannot both be true; nothing for nobody.
fn contradictions(contradictions: &[Contradicted]) -> String {
    if contradictions.is_empty() {
        return String::new();
    }
    let row = |one: &Contradicted| {
        let label = one.label.clone().unwrap_or_default();
        vec![one.recipient.to_string(), label, one.what.join(", ")]
    };
    let rows = contradictions.iter().map(row).collect();
    format!("\n\nContradictions\n{}", table(&["recipient", "label", "was said to be"], rows))
}

/// Where the bill is not what the platform says; nothing where it is.
fn differences(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let row =
        |one: &Difference| vec![one.batch.to_string(), one.billed.clone(), one.total_price.clone()];
    let rows = differences.iter().map(row).collect();
    let table = table(&["batch", "billed by reports", "the platform's total"], rows);
    format!("\n\nThe bill differs\n{table}")
}
