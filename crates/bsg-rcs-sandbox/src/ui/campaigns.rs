//! Campaigns, and one of them with its funnel and chart.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use bsg_rcs_domain::{CampaignEvent, CampaignStatus, MessageStatus};
use bsg_rcs_view::chart::{Chart, Series};
use bsg_rcs_view::funnel::{self, Stage};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{self, View, beginning, done, live, status, turning};
use crate::app_state::AppState;
use crate::control::answer::number;
use crate::reply::{self, Refused};
use bsg_rcs_sandbox_engine::{
    CallbackKind, CampaignIx, CampaignRecord, Command, Engine, MessageRecord, VirtualTime,
};

/// Campaigns, or messages, of a page.
const ROWS: usize = 50;
/// Moments of a chart.
const MOMENTS: u64 = 48;

#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    page: usize,
}

/// `GET /campaigns`
pub(crate) async fn list(State(app): State<Arc<AppState>>, which: Query<Which>) -> Response {
    app.host.read(|engine| {
        let all: Vec<_> = engine.campaigns().collect();
        let skipped = which.page.saturating_mul(ROWS);
        let page: Vec<_> = all.iter().rev().skip(skipped).take(ROWS).copied().collect();
        let has_more = all.len() > skipped.saturating_add(ROWS);
        let body = live("campaigns", html! {
            @if page.is_empty() { p { "There is no campaign yet." } }
            @else { div.list tabindex="0" role="region" aria-label="Campaigns" { table {
                thead { tr {
                    th { "campaign" } th { "status" } th { "says" } th { "agent" } th.number { "recipients" }
                    th.number { "sent" } th.number { "delivered" } th.number { "charged" }
                } }
                tbody { @for ix in page { (row(engine, ix)) } }
            } } }
            (turning("/campaigns?", which.page, has_more))
        });
        layout::page(engine, View::Campaigns, "Campaigns", &body)
    })
}

fn row(engine: &Engine, ix: CampaignIx) -> Markup {
    let campaign = engine.campaign_at(ix);
    html! {
        tr {
            th scope="row" { a id={ "k" (ix.id()) } href={ "/campaigns/" (ix.id()) } { (ix.id()) } }
            td { (status(campaign.status.as_str())) }
            td.says { (beginning(campaign.spec.content.text().unwrap_or("(a picture)"))) }
            td { (campaign.spec.sender) }
            td.number { (campaign.count) }
            td.number { (campaign.sent) }
            td.number { (campaign.counts.delivered()) }
            td.number { (campaign.charged) }
        }
    }
}

/// `GET /campaigns/{id}`
pub(crate) async fn one(
    State(app): State<Arc<AppState>>,
    Path(id): Path<String>,
    which: Query<Which>,
) -> Response {
    app.host.read(|engine| match id.parse().ok().and_then(|id| engine.campaign(id)) {
        Some(ix) => {
            let title = format!("Campaign {}", ix.id());
            layout::page(engine, View::Campaigns, &title, &campaign(engine, ix, which.page))
        }
        None => {
            let none = reply::refuse(StatusCode::NOT_FOUND, "No campaign has this id.");
            layout::not_done("/campaigns", none)
        }
    })
}

fn campaign(engine: &Engine, ix: CampaignIx, page: usize) -> Markup {
    let campaign = engine.campaign_at(ix);
    let currency = engine.world().prices.currency();
    let key = &engine.account(campaign.account).key;
    let handed_over = campaign.handed_over;
    let skipped = page.saturating_mul(ROWS);
    let count = usize::try_from(campaign.count).unwrap_or(usize::MAX);
    html! {
        (live("standing", html! {
            dl.facts {
                dt { "status" } dd { (status(campaign.status.as_str())) }
                dt { "account" } dd { (key) }
                dt { "agent" } dd { (campaign.spec.sender) }
                dt { "handed over" } dd { progress max=(campaign.count) value=(handed_over) aria-label="handed over" {} " " (handed_over) " of " (campaign.count) }
                dt { "price so far" } dd { (campaign.charged) " " (currency) }
                dt { "if all is delivered" } dd { (campaign.calculated_price) " " (currency) }
            }
            (acts(ix, campaign.status))
            h2 { "How far they got" }
            (funnel::html(&stages(engine, campaign)))
            @if !campaign.followers.is_empty() {
                p { (campaign.followers.len()) " SMS followed; " (campaign.follower_counts.delivered()) " of them are delivered." }
            }
            h2 { "Over time" }
            (chart(engine, campaign).html())
        }))
        h2 { "Messages" }
        (live("rows", html! {
            div.list tabindex="0" role="region" aria-label="Messages of the campaign" { table {
                thead { tr { th { "number" } th { "status" } th.number { "price" } } }
                tbody { @for ix in campaign.messages().skip(skipped).take(ROWS) {
                    @let message = engine.at(ix);
                    tr {
                        th scope="row" { a id={ "r" (ix.id()) } href={ "/phones/" (message.phone.digits()) "#m" (ix.id()) } { "+" (message.phone.digits()) } }
                        td { (status(message.status().as_str())) }
                        td.number { (message.price) }
                    }
                } }
            } }
            (turning(&format!("/campaigns/{}?", ix.id()), page, count > skipped.saturating_add(ROWS)))
        }))
    }
}

/// What can be done with a campaign that stands so.
fn acts(ix: CampaignIx, stands: CampaignStatus) -> Markup {
    html! {
        div.acts {
            @for (act, name, event) in [
                ("pause", "Pause", CampaignEvent::Pause),
                ("resume", "Resume", CampaignEvent::Resume),
                ("stop", "Stop for good", CampaignEvent::Stop),
            ] {
                form action={ "/campaigns/" (ix.id()) "/" (act) } method="post" {
                    button id={ "act-" (act) } disabled[!stands.allows(event)] { (name) }
                }
            }
        }
    }
}

/// Recipients, and how many of them got how far at least once.
fn stages(engine: &Engine, campaign: &CampaignRecord) -> Vec<Stage> {
    let reached = |had: &dyn Fn(&MessageRecord) -> bool| {
        let count = campaign.messages().filter(|ix| had(engine.at(*ix))).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    };
    let was =
        |status: MessageStatus| move |message: &MessageRecord| message.since(status).is_some();
    let clicked = |message: &MessageRecord| {
        message.callbacks.iter().any(|note| matches!(note.said, CallbackKind::Click { .. }))
    };
    let delivered = |message: &MessageRecord| {
        was(MessageStatus::Delivered)(message) || was(MessageStatus::Read)(message)
    };
    vec![
        Stage::new("recipients", campaign.count.into()),
        Stage::new("accepted", campaign.handed_over.into()),
        Stage::new("sent", campaign.sent),
        Stage::new("delivered", reached(&delivered)),
        Stage::new("read", reached(&was(MessageStatus::Read))),
        Stage::new("clicked (told by callback)", reached(&clicked)),
    ]
}

/// How many had each status by each moment.
fn chart(engine: &Engine, campaign: &CampaignRecord) -> Chart {
    let from = campaign.created;
    let since = |at: VirtualTime| u64::try_from(at.since(from).as_millis()).unwrap_or(u64::MAX);
    let latest = campaign
        .messages()
        .filter_map(|ix| engine.at(ix).history.iter().next_back())
        .map(|station| since(station.at))
        .max()
        .unwrap_or(0);
    let step = latest.div_ceil(MOMENTS).max(1);
    let drawn = [
        MessageStatus::Sent,
        MessageStatus::Delivered,
        MessageStatus::Read,
        MessageStatus::Undelivered,
        MessageStatus::Expired,
        MessageStatus::Failed,
        MessageStatus::NotServiceUser,
    ];
    let moments = usize::try_from(MOMENTS).unwrap_or(0) + 1;
    let mut series: Vec<_> = drawn
        .iter()
        .map(|status| Series { name: status.as_str().to_owned(), counts: vec![0; moments] })
        .collect();
    for ix in campaign.messages() {
        for station in engine.at(ix).history.iter() {
            let place = usize::try_from(since(station.at).div_ceil(step)).unwrap_or(0);
            let line = drawn.iter().position(|status| *status == station.status);
            let count = line.and_then(|line| series.get_mut(line)?.counts.get_mut(place));
            if let Some(count) = count {
                *count += 1;
            }
        }
    }
    for one in &mut series {
        let mut sum = 0;
        for count in &mut one.counts {
            sum += *count;
            *count = sum;
        }
    }
    series.retain(|one| one.counts.last().is_some_and(|sum| *sum > 0));
    let moment = |at: u64| from.plus(Duration::from_millis(at * step)).to_string();
    Chart {
        says: "Messages that had each status by then".to_owned(),
        moments: if series.is_empty() { Vec::new() } else { (0..=MOMENTS).map(moment).collect() },
        series,
    }
}

/// `POST /campaigns/{id}/{act}`
pub(crate) async fn act(
    State(app): State<Arc<AppState>>,
    Path((id, act)): Path<(String, String)>,
) -> Response {
    let back = format!("/campaigns/{}", id.parse::<u64>().unwrap_or(0));
    done(&back, carry_out(&app, &id, &act))
}

fn carry_out(app: &AppState, id: &str, act: &str) -> Result<(), Refused> {
    let campaign = number(id, "campaign")?;
    let none = || reply::refuse(StatusCode::NOT_FOUND, "No campaign has this id.");
    let command = match act {
        "pause" => Command::Pause(campaign),
        "resume" => Command::Resume(campaign),
        "stop" => {
            let owner =
                |engine: &Engine| Some(engine.campaign_at(engine.campaign(campaign)?).account);
            Command::Stop { account: app.host.read(owner).ok_or_else(none)?, campaign }
        }
        _ => return Err(reply::refuse(StatusCode::NOT_FOUND, "There is no such call.")),
    };
    Ok(app.host.perform(command).map(drop)?)
}
