//! The page at `/`: the state in a few lines of HTML. It loads nothing and runs nothing.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;

use super::shared::Shared;
use crate::engine::Engine;

/// `GET /`
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Html<String> {
    Html(shared.read(page))
}

fn page(engine: &Engine) -> String {
    let mut accounts = String::new();
    for (_, account) in engine.accounts() {
        let ledger = &account.ledger;
        row(
            &mut accounts,
            &account.key,
            &[&ledger.balance(), &ledger.reserved(), &ledger.charged()],
        );
    }
    let mut messages = String::new();
    for (status, count) in engine.counts().each() {
        row(&mut messages, status.as_str(), &[&count]);
    }
    let mut campaigns = String::new();
    for ix in engine.campaigns() {
        let campaign = engine.campaign_at(ix);
        let sender = escaped(&campaign.letter.sender);
        row(
            &mut campaigns,
            &ix.id().to_string(),
            &[&sender, &campaign.status.as_str(), &campaign.count],
        );
    }
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>bsg-rcs sandbox</title>\
         <style>body{{font:16px sans-serif;margin:2rem}}td,th{{padding:.2rem .8rem;text-align:left}}</style>\
         <h1>bsg-rcs sandbox</h1><p>It is {now} here. <a href=\"/sandbox/state\">The same as JSON.</a></p>\
         <h2>Accounts</h2><table><tr><th>key<th>balance<th>reserved<th>charged</tr>{accounts}</table>\
         <h2>Messages</h2><table><tr><th>status<th>count</tr>{messages}</table>\
         <h2>Campaigns</h2><table><tr><th>id<th>agent<th>status<th>recipients</tr>{campaigns}</table></html>",
        now = engine.now(),
    )
}

fn row(table: &mut String, first: &str, others: &[&dyn std::fmt::Display]) {
    let _ = write!(table, "<tr><td>{}", escaped(first));
    for other in others {
        let _ = write!(table, "<td>{other}");
    }
    table.push_str("</tr>");
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_text_becomes_a_tag() {
        assert_eq!(super::escaped("<b a='\"&'>"), "&lt;b a=&#39;&quot;&amp;&#39;&gt;");
    }
}
