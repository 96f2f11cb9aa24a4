//! Progress on a terminal: a bar for reading, sending and tracking, on standard error.

use std::sync::{Arc, Mutex, PoisonError};

use bsg_rcs_campaign::{Event, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Bars, if they are wanted and standard error is a terminal; then also the words between them.
pub(super) fn bars(wanted: bool) -> Progress {
    let shown: Arc<Mutex<Shown>> = Arc::default();
    Arc::new(move |event| {
        let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.show(event, wanted);
    })
}

/// The bar that is drawn now.
#[derive(Default)]
struct Shown {
    bar: Option<(&'static str, ProgressBar)>,
}

impl Shown {
    fn show(&mut self, event: Event, wanted: bool) {
        match event {
            Event::Read { lines, .. } => self.bar("reading", None, wanted).set_position(lines),
            Event::Batch { settled, of } => {
                self.bar("sending", Some(of), wanted).set_position(settled);
            }
            Event::Tracking(report) => {
                let bar = self.bar("tracking", Some(report.accepted), wanted);
                bar.set_position(report.ended());
                if report.is_done() {
                    bar.finish();
                }
            }
            Event::Resolving { batch, wait, why } => self.say(&format!(
                "batch {batch} may have arrived ({why}); it is looked up, for {} s at most",
                wait.as_secs()
            )),
            Event::Funds { enough: Some(true), .. } => {}
            Event::Funds { balance, credit, worst, enough: Some(false) } => self.say(&format!(
                "the funds may not last: {balance} and a credit of {credit} for {worst} at worst; \
                 the platform pauses when they run out"
            )),
            Event::Funds { balance, worst, enough: None, .. } => self.say(&format!(
                "the account has {balance}, the plan's prices are in {}: whether the funds last \
                 cannot be said",
                worst.currency
            )),
            Event::Stopping => {
                self.say("stopped: no new request leaves; waiting for those under way");
            }
            Event::StartPassed { start } => self.say(&format!(
                "the start {start} has passed: the remaining batches are sent at once"
            )),
            Event::UnlistedPrice { billed } => self.say(&format!(
                "a message was billed {billed}, which the price list does not have: the quote does \
                 not hold"
            )),
            Event::Unreachable { wait, why } => {
                self.say(&format!("{why}; trying again in {} s", wait.as_secs()));
            }
            _ => {}
        }
    }

    fn bar(&mut self, what: &'static str, of: Option<u64>, wanted: bool) -> &ProgressBar {
        if self.bar.as_ref().is_none_or(|(shown, _)| *shown != what) {
            self.finish();
            self.bar = Some((what, new_bar(what, of, wanted)));
        }
        let (_, bar) = self.bar.get_or_insert_with(|| (what, ProgressBar::hidden()));
        bar
    }

    fn finish(&mut self) {
        if let Some((_, bar)) = self.bar.take() {
            bar.finish();
        }
    }

    fn say(&self, words: &str) {
        match &self.bar {
            Some((_, bar)) if !bar.is_hidden() => bar.println(words),
            _ => eprintln!("{words}"),
        }
    }
}

fn new_bar(what: &'static str, of: Option<u64>, wanted: bool) -> ProgressBar {
    if !wanted {
        return ProgressBar::hidden();
    }
    let template = match of {
        Some(_) => "{msg:>9} [{bar:30}] {human_pos}/{human_len} {per_sec} {eta}",
        None => "{msg:>9} {human_pos} lines {per_sec}",
    };
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    let bar = match of {
        Some(of) => ProgressBar::new(of),
        None => ProgressBar::no_length(),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.with_style(style).with_message(what)
}
