//! What every view has.

use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{DOCTYPE, Markup, Render, html};

use crate::reply::Refused;
use bsg_rcs_sandbox_engine::Engine;

/// The views, by their names in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Phones,
    Campaigns,
    Money,
    Trouble,
    Calls,
}

const VIEWS: [(View, &str, &str); 5] = [
    (View::Phones, "/", "Phones"),
    (View::Campaigns, "/campaigns", "Campaigns"),
    (View::Money, "/money", "Money"),
    (View::Trouble, "/trouble", "Faults and time"),
    (View::Calls, "/requests", "Requests"),
];

/// A page of a view.
pub(crate) fn page(engine: &Engine, view: View, title: &str, body: &Markup) -> Response {
    let now = engine.now();
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            (head(title))
            body {
                a.skip href="#content" { "To the content" }
                header {
                    strong.name { "bsg-rcs sandbox" }
                    nav aria-label="Views" { ul {
                        @for (other, href, name) in VIEWS {
                            li { a href=(href) aria-current=[(other == view).then_some("page")] { (name) } }
                        }
                    } }
                    p #clock data-live { "Sandbox time: " time { (now) } }
                }
                main #content tabindex="-1" { h1 { (title) } (body) }
            }
        }
    };
    Html(markup.into_string()).into_response()
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) " · bsg-rcs sandbox" }
            link rel="icon" href="/page/icon.svg";
            link rel="stylesheet" href="/page/style.css";
            script src="/page/script.js" defer {}
        }
    }
}

/// A part that is kept fresh while it is looked at.
pub(crate) fn live(id: &str, body: impl Render) -> Markup {
    html! { div id=(id) data-live { (body) } }
}

/// Back to a view after something was done there; or why it was not.
pub(crate) fn done(to: &str, outcome: Result<(), Refused>) -> Response {
    match outcome {
        Ok(()) => Redirect::to(to).into_response(),
        Err(refused) => not_done(to, refused),
    }
}

/// Why something was not done, and the way back.
pub(crate) fn not_done(back: &str, refused: Refused) -> Response {
    let (status, sentences) = refused.said();
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            (head("Not done"))
            body { main {
                h1 { "Not done" }
                @for sentence in sentences { p { (sentence) } }
                p { a href=(back) { "Back" } }
            } }
        }
    };
    (status, Html(markup.into_string())).into_response()
}

/// Links to what is newer and older than this page of a list.
pub(crate) fn turning(base: &str, page: usize, has_more: bool) -> Markup {
    html! {
        nav.turning aria-label="Pages" {
            @if page > 0 { a href={ (base) "page=" (page - 1) } { "← newer" } }
            @if has_more { a href={ (base) "page=" (page + 1) } { "older →" } }
        }
    }
}

/// A status as a word with a colour.
pub(crate) fn status(word: &str) -> Markup {
    html! { span class={ "status " (word) } { (word) } }
}

/// A text, cut where a list shows only its beginning.
pub(crate) fn beginning(text: &str) -> Markup {
    const CHARS: usize = 80;
    let cut: String = text.chars().take(CHARS).collect();
    html! { (cut) @if cut.len() < text.len() { "…" } }
}
