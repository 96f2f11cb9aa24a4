//! The phone as HTML. Every text goes through the template, which escapes it.

use maud::{Markup, html};

use super::{Action, Button, Card, Face, Handset, Part, Remark, is_web, pieces};

pub(super) fn handset(
    handset: &Handset,
    button: &dyn Fn(usize, usize, &Button) -> Markup,
) -> Markup {
    html! {
        div.phone {
            p.agent { span.avatar aria-hidden="true" { (initial(&handset.agent)) } (handset.agent) }
            (remarks(handset, Part::Head))
            @match &handset.face {
                Face::Text(text) => {
                    div.bubble { p { (linked(text)) } }
                    (remarks(handset, Part::Text))
                }
                Face::Cards(cards) if cards.len() == 1 => @for one in cards { (card(handset, 0, one, button)) },
                Face::Cards(cards) => {
                    div.carousel tabindex="0" role="region" aria-label={ "Carousel of " (cards.len()) " cards" } {
                        @for (at, one) in cards.iter().enumerate() { (card(handset, at, one, button)) }
                    }
                }
            }
            @if let Some(sms) = &handset.sms {
                p.quiet { "Where RCS does not arrive, an SMS from " strong { (sms.sender) } ":" }
                div."bubble sms" { p { (linked(&sms.text)) } }
                (remarks(handset, Part::Sms))
            }
            (remarks(handset, Part::Whole))
        }
    }
}

fn card(
    handset: &Handset,
    at: usize,
    card: &Card,
    button: &dyn Fn(usize, usize, &Button) -> Markup,
) -> Markup {
    html! {
        div.card {
            @if let Some(media) = &card.media {
                div.media { span aria-hidden="true" { "▒▒▒" } " " (media) }
            }
            @if let Some(title) = &card.title { p.title { (title) } }
            @if let Some(text) = &card.text { p { (linked(text)) } }
            @if !card.buttons.is_empty() {
                ul.buttons {
                    @for (place, one) in card.buttons.iter().enumerate() {
                        li { (button(at, place, one)) (remarks(handset, Part::Button(at, place))) }
                    }
                }
            }
            (remarks(handset, Part::Card(at)))
        }
    }
}

/// A button that does nothing but to say what it would do.
pub(super) fn button(button: &Button) -> Markup {
    html! {
        span.button { (button.label) } " "
        @match &button.action {
            Action::Link(address) if is_web(address) => (link(address)),
            Action::Link(address) => span.quiet { (address) },
            Action::Call(number) => span.quiet { "calls " (number) },
            Action::Nothing => {},
        }
    }
}

fn remarks(handset: &Handset, part: Part) -> Markup {
    let kind = |remark: &Remark| if remark.refuses { "remark refuses" } else { "remark" };
    html! {
        @for remark in handset.remarks_on(part) {
            p class=(kind(remark)) { strong { (if remark.refuses { "Refused: " } else { "Warning: " }) } (remark.says) }
        }
    }
}

fn linked(text: &str) -> Markup {
    html! {
        @for (piece, is_address) in pieces(text) {
            @if is_address { (link(piece)) } @else { (piece) }
        }
    }
}

fn link(address: &str) -> Markup {
    html! { a href=(address) target="_blank" rel="noopener noreferrer" { (address) } }
}

fn initial(agent: &str) -> String {
    agent.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_but_of_the_web_is_a_link() {
        for address in ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT://http://x", " http"]
        {
            let one = Button { label: "Go".into(), action: Action::Link(address.into()) };
            let drawn = button(&one).into_string();
            assert!(!drawn.contains("href"), "{drawn}");
        }
        let one = Button { label: "Go".into(), action: Action::Link("HTTPS://x/\"><b>".into()) };
        assert!(button(&one).into_string().contains("href=\"HTTPS://x/&quot;&gt;&lt;b&gt;\""));
    }
}
