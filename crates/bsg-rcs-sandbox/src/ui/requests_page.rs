//! The latest calls of the API, and the lines that repeat them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::header::HOST;
use http::{HeaderMap, Method};
use maud::{Markup, html};

use super::layout::{self, View, live};
use crate::app_state::AppState;
use crate::host::logs::{LoggedBody, LoggedRequest};

/// `GET /requests`
pub(crate) async fn show(State(app): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let calls = app.host.latest_requests();
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:8080");
    let body = html! {
        p.quiet { "The last 200 calls, the newest first. " code { "$TOKEN" } " is what " code { "/api/auth/login" } " answers." }
        (live("calls", html! {
            @if calls.is_empty() { p { "Nothing was called yet." } }
            @for call in &calls { (shown(call, host)) }
        }))
    };
    app.host.read(|engine| layout::page(engine, View::Calls, "Requests", &body))
}

fn shown(call: &LoggedRequest, host: &str) -> Markup {
    html! {
        details id={ "q" (call.number) } {
            summary {
                strong { (call.exchange.method) " " (call.exchange.path) } " → "
                @match call.exchange.status {
                    Some(status) => (status.as_u16()),
                    None => "the answer was lost on purpose",
                }
                " " span.quiet { "at " (call.exchange.at) }
            }
            @if call.exchange.asked.bytes > 0 || !call.exchange.asked.text.is_empty() { h3 { "Asked" } (body(&call.exchange.asked)) }
            h3 { "Answered" } (body(&call.exchange.answered))
            h3 { "Again" } pre tabindex="0" { (curl(call, host)) }
        }
    }
}

fn body(kept: &LoggedBody) -> Markup {
    html! {
        pre tabindex="0" { (kept.text) }
        @if !kept.is_whole() { p.quiet { "Its beginning; it has " (kept.bytes) " bytes." } }
    }
}

/// The line that repeats a call, for a shell.
fn curl(call: &LoggedRequest, host: &str) -> String {
    let mut line = format!(
        "curl -g -X {} {}",
        call.exchange.method,
        quoted(&format!("http://{host}{}", call.exchange.path))
    );
    if call.exchange.authorised {
        line.push_str(" -H \"Authorization: Bearer $TOKEN\"");
    }
    if call.exchange.method != Method::GET && call.exchange.asked.bytes > 0 {
        line.push_str(" -H 'Content-Type: application/json'");
        if call.exchange.asked.is_whole() {
            line.push_str(&format!(" --data-raw {}", quoted(&call.exchange.asked.text)));
        } else {
            line.push_str(" -d @body.json  # the body is too long to be kept here");
        }
    }
    line
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_shell_takes_the_word_as_it_is() {
        assert_eq!(super::quoted("it's $HOME"), "'it'\\''s $HOME'");
    }
}
