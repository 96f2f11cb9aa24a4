//! A file of its own: everything in it, nothing fetched, nothing run.

use maud::{DOCTYPE, Markup, PreEscaped, html};

/// The styles of everything that this crate draws.
pub const STYLE: &str = include_str!("view.css");

/// What such a file may do: show its own styles. No script can run in it, whatever text it holds.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A whole HTML document with this title and body.
pub fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (body) } }
        }
    }
}
