//! The phone as text.

use textwrap::{Options, wrap};
use unicode_width::UnicodeWidthStr;

use super::{Action, Card, Face, Handset, Part, Remark};

/// The least that a phone is drawn in.
const LEAST: usize = 24;
/// The widest phone.
const WIDEST: usize = 46;

/// A phone that is being drawn, line by line.
struct Drawing {
    /// Columns between its edges.
    inside: usize,
    /// Columns of the terminal, for what is said beneath.
    columns: usize,
    lines: Vec<String>,
}

pub(super) fn handset(handset: &Handset, columns: usize) -> String {
    let columns = columns.max(LEAST);
    let inside = columns.min(WIDEST) - 4;
    let mut drawing = Drawing { inside, columns, lines: Vec::new() };
    drawing.edge('┌', '┐');
    drawing.say(&handset.agent);
    drawing.remarks(handset, Part::Head);
    drawing.edge('├', '┤');
    match &handset.face {
        Face::Text(text) => {
            drawing.say(text);
            drawing.remarks(handset, Part::Text);
        }
        Face::Cards(cards) => {
            for (at, card) in cards.iter().enumerate() {
                if cards.len() > 1 {
                    drawing.say(&format!("‹ card {} of {} ›", at + 1, cards.len()));
                }
                drawing.card(handset, at, card);
                if at + 1 < cards.len() {
                    drawing.edge('├', '┤');
                }
            }
        }
    }
    drawing.edge('└', '┘');
    if let Some(sms) = &handset.sms {
        drawing.lines.push(format!("else an SMS from {}", one_line(&sms.sender)));
        drawing.edge('┌', '┐');
        drawing.say(&sms.text);
        drawing.remarks(handset, Part::Sms);
        drawing.edge('└', '┘');
    }
    drawing.remarks(handset, Part::Whole);
    drawing.lines.join("\n")
}

impl Drawing {
    fn edge(&mut self, left: char, right: char) {
        let line = "─".repeat(self.inside + 2);
        self.lines.push(format!("{left}{line}{right}"));
    }

    fn say(&mut self, text: &str) {
        for paragraph in text.lines() {
            let paragraph = visible(paragraph);
            for line in wrap(&paragraph, Options::new(self.inside)) {
                let free = self.inside.saturating_sub(line.width());
                self.lines.push(format!("│ {line}{} │", " ".repeat(free)));
            }
        }
    }

    fn card(&mut self, handset: &Handset, at: usize, card: &Card) {
        if let Some(media) = &card.media {
            self.say(&format!("▒▒▒ {media}"));
        }
        if let Some(title) = &card.title {
            self.say(&title.to_uppercase());
        }
        if let Some(text) = &card.text {
            self.say(text);
        }
        self.remarks(handset, Part::Card(at));
        for (place, button) in card.buttons.iter().enumerate() {
            let does = match &button.action {
                Action::Link(address) => format!(" → {address}"),
                Action::Call(number) => format!(" ☎ {number}"),
                Action::Nothing => String::new(),
            };
            self.say(&format!("[ {} ]{does}", button.label));
            self.remarks(handset, Part::Button(at, place));
        }
    }

    /// Beneath the part, over the whole width of the terminal.
    fn remarks(&mut self, handset: &Handset, part: Part) {
        for remark in handset.remarks_on(part) {
            let kind = |remark: &Remark| if remark.refuses { "refused" } else { "warning" };
            let words = format!("{}: {}", kind(remark), one_line(&remark.says));
            let options =
                Options::new(self.columns).initial_indent("  ! ").subsequent_indent("    ");
            self.lines.extend(wrap(&words, options).into_iter().map(String::from));
        }
    }
}

fn one_line(text: &str) -> String {
    visible(&text.replace(['\n', '\r'], " "))
}

/// A text that a terminal does nothing for but to show it: what would steer it is shown as a sign.
fn visible(text: &str) -> String {
    // Signs that turn the direction of a text could show it as another.
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_phone_is_as_wide_as_the_others() {
        let text =
            "Wide: 日本語 and a word-that-is-longer-than-any-phone-is-wide-so-it-is-cut".to_owned();
        for columns in [0, 24, 80, 200] {
            let one =
                Handset { agent: "a".into(), face: Face::Text(text.clone()), ..Handset::default() };
            let drawn = handset(&one, columns);
            let widths: Vec<_> = drawn.lines().map(UnicodeWidthStr::width).collect();
            assert!(widths.iter().all(|width| *width == widths[0]), "{drawn}");
            assert!(widths[0] <= columns.max(LEAST));
        }
    }

    #[test]
    fn what_steers_a_terminal_is_shown_and_not_done() {
        let face = Face::Text("\u{1b}[2Jcleared\u{7}\u{202e}".into());
        let drawn = handset(&Handset { face, ..Handset::default() }, 80);
        assert!(
            !drawn.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{drawn:?}"
        );
    }
}
