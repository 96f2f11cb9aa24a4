//! Draws a message as a phone shows it, in the terminal.
//!
//! ```sh
//! cargo run -p bsg-rcs-view --example phone
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use bsg_rcs_view::handset::{Action, Button, Card, Face, Handset, Remark, Sms};

fn main() {
    let card = Card {
        title: Some("Menu".into()),
        text: Some("Today's three: soup, pie, and the cook's surprise.".into()),
        media: Some("https://example.com/menu.jpg".into()),
        buttons: vec![Button {
            label: "Book".into(),
            action: Action::Link("https://example.com/book".into()),
        }],
    };
    let handset = Handset {
        agent: "demo_agent".into(),
        face: Face::Cards(vec![card]),
        sms: Some(Sms {
            sender: "Bistro".into(),
            text: "Today's three: soup, pie, surprise.".into(),
        }),
        remarks: vec![Remark {
            place: "cards[0].media".into(),
            refuses: false,
            says: "a picture of 1440 by 720 suits most phones".into(),
        }],
    };
    println!("{}", handset.text(80));
}
