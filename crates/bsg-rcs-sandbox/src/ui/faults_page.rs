//! Faults, time, reset.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::response::Response;
use bsg_rcs_wire::generated::paths;
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{self, View, done, live};
use crate::app_state::AppState;
use crate::control;
use crate::reply::{self, Refused};
use crate::span::Span;

/// A fault to switch on: its mark in the form, its words, and the rules that it is.
struct Ready(&'static str, &'static str, &'static str);

const READY: [Ready; 11] = [
    Ready(
        "lost-answer",
        "The next send of each kind is carried out, and its answer lost",
        r#"{"on": "SEND", "nth": 1, "do": "drop_after"}"#,
    ),
    Ready(
        "lost-request",
        "The next send of each kind is lost before it is read",
        r#"{"on": "SEND", "nth": 1, "do": "drop_before"}"#,
    ),
    Ready(
        "garbled",
        "The next send of each kind is carried out, and its answer is no JSON",
        r#"{"on": "SEND", "nth": 1, "do": "garble"}"#,
    ),
    Ready("unavailable", "Every send is answered 503", r#"{"on": "SEND", "do": {"status": 503}}"#),
    Ready("busy", "Every send is answered 429", r#"{"on": "SEND", "do": {"status": 429}}"#),
    Ready("slow", "Every send takes three seconds", r#"{"on": "SEND", "do": {"delay": "3s"}}"#),
    Ready(
        "away",
        "Nothing listens for five seconds",
        r#"{"do": "refuse_connection", "for": "5s"}"#,
    ),
    Ready(
        "callback-lost",
        "The next callback is lost",
        r#"{"on": "callback", "nth": 1, "do": "drop"}"#,
    ),
    Ready(
        "callback-twice",
        "Every callback is posted twice",
        r#"{"on": "callback", "do": "repeat"}"#,
    ),
    Ready(
        "callback-order",
        "The first, third and fifth callback leave after the next",
        r#"{"on": "callback", "nth": 1, "do": "reorder"}, {"on": "callback", "nth": 3, "do": "reorder"}, {"on": "callback", "nth": 5, "do": "reorder"}"#,
    ),
    Ready(
        "callback-late",
        "Every callback is an hour late",
        r#"{"on": "callback", "do": {"delay": "1h"}}"#,
    ),
];

/// The calls that send; a rule that is on SEND is on each of them.
const SENDS: [&str; 5] = [
    paths::MESSAGES_RCS_SEND,
    paths::MESSAGES_SEND,
    paths::CAMPAIGNS_RCS_SEND,
    paths::CAMPAIGNS_RCS_SEND_GROUPS,
    paths::CAMPAIGNS_SEND,
];

impl Ready {
    /// Its rules, as JSON.
    fn rules(&self) -> String {
        if !self.2.contains("SEND") {
            return self.2.to_owned();
        }
        SENDS.map(|path| self.2.replace("SEND", &format!("POST {path}"))).join(", ")
    }
}

/// `GET /trouble`
pub(crate) async fn show(State(app): State<Arc<AppState>>) -> Response {
    let rules = app.host.faults().iter().map(ToString::to_string).collect::<Vec<_>>();
    app.host.read(|engine| layout::page(engine, View::Trouble, "Faults and time", &body(&rules)))
}

fn body(rules: &[String]) -> Markup {
    html! {
        div.columns {
            section aria-labelledby="faults" {
                h2 id="faults" { "Faults" }
                (live("script", html! {
                    @if rules.is_empty() { p { "Nothing goes wrong on purpose." } }
                    @else { ul { @for rule in rules { li { (rule) } } } }
                }))
                form action="/trouble/faults" method="post" {
                    fieldset {
                        legend { "Faults" }
                        @for Ready(mark, words, _) in &READY {
                            label { input type="checkbox" name=(mark) id=(mark); " " (words) }
                        }
                    }
                    p { button.main id="switch-on" { "Apply (replaces current faults)" } }
                }
            }
            section aria-labelledby="time" {
                h2 id="time" { "Time" }
                div.acts {
                    @for (span, words) in [("1m", "A minute"), ("1h", "An hour"), ("24h", "A day"), ("72h", "Three days")] {
                        form action="/trouble/clock" method="post" {
                            input type="hidden" name="advance" value=(span);
                            button id={ "jump-" (span) } { (words) " on" }
                        }
                    }
                }
                form.row action="/trouble/clock" method="post" {
                    label { "Or so much (90s, 15m, 2h, 3d)" input name="advance" required; }
                    button { "Jump" }
                }
                h2 { "From the start" }
                p { "Balances, messages, campaigns and faults are as at the start again." }
                form action="/trouble/reset" method="post" { button id="reset" { "Reset everything" } }
            }
        }
    }
}

/// `POST /trouble/faults`
pub(crate) async fn faults(
    State(app): State<Arc<AppState>>,
    Form(chosen): Form<Vec<(String, String)>>,
) -> Response {
    done("/trouble", switch_on(&app, &chosen).await)
}

async fn switch_on(app: &AppState, chosen: &[(String, String)]) -> Result<(), Refused> {
    let is_chosen = |ready: &&Ready| chosen.iter().any(|(mark, _)| mark == ready.0);
    let rules: Vec<_> = READY.iter().filter(is_chosen).map(Ready::rules).collect();
    let script = format!("[{}]", rules.join(","));
    control::faults::switch_on(app, script.as_bytes()).await.map(drop)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Jump {
    advance: String,
}

/// `POST /trouble/clock`
pub(crate) async fn clock(State(app): State<Arc<AppState>>, Form(asked): Form<Jump>) -> Response {
    match Span::try_from(asked.advance) {
        Ok(span) => {
            let passed = app.host.advance(span.0).await;
            done("/trouble", passed.map_err(Into::into))
        }
        Err(why) => done("/trouble", Err(refused(why))),
    }
}

/// `POST /trouble/reset`
pub(crate) async fn reset(State(app): State<Arc<AppState>>) -> Response {
    done("/trouble", app.host.reset().await.map(drop).map_err(Into::into))
}

fn refused(sentence: &str) -> Refused {
    reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fault_rule::Rule;

    #[test]
    fn every_fault_of_the_list_can_be_switched_on() {
        for ready in READY {
            let rules = Rule::script(format!("[{}]", ready.rules()).as_bytes(), |_, _| true);
            assert!(rules.is_ok(), "{}: {rules:?}", ready.0);
        }
    }
}
