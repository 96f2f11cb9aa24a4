//! The rules that depend on when and whereto: asked before a send leaves.

use std::collections::BTreeSet;

use bsg_rcs_domain::message::{Action, Content, StartAt};
use bsg_rcs_domain::{Addressee, CivilDateTime, Country, Faults, Message};
use bsg_rcs_transport::Certainty;

use crate::client::Client;
use crate::error::{Error, ErrorKind};

impl Client {
    /// Refuses a start that the platform would refuse (`START-PAST`, `START-LATE`), as far as its
    /// time is known here.
    pub(crate) fn judge_start(&self, start: Option<CivilDateTime>) -> Result<(), Error> {
        let (Some(start), Some(utc)) = (start, self.inner.wall_clock.utc()) else {
            return Ok(());
        };
        let judged = StartAt::judge(start, utc, self.inner.platform_offset);
        judged.map(|_| ()).map_err(|why| broken(Faults(vec![why.at("start_at")])))
    }
}

/// Refuses a message that a recipient's country forbids (`BUTTON-CALL-UA`).
pub(crate) fn judge_countries(message: &Message, to: &[Addressee]) -> Result<(), Error> {
    if !has_call_button(message) {
        return Ok(());
    }
    let countries: BTreeSet<Country> = to.iter().filter_map(|to| Country::of(to.number)).collect();
    let faults: Vec<_> =
        countries.into_iter().flat_map(|country| message.faults_in(country)).collect();
    if faults.is_empty() { Ok(()) } else { Err(broken(Faults(faults))) }
}

/// Only call buttons are judged by countries; to look up thousands of numbers takes its time.
fn has_call_button(message: &Message) -> bool {
    let Content::Cards(cards) = message.content() else { return false };
    let mut buttons = cards.iter().flat_map(|card| card.suggestions());
    buttons.any(|button| matches!(button.action(), Action::Call(_)))
}

fn broken(faults: Faults) -> Error {
    Error::of(ErrorKind::RuleBroken(faults), Certainty::NotSent)
}
