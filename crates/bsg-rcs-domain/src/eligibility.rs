//! Who may be sent to, as far as facts were supplied. The platform has them all; a client has
//! those that it was told, and what it was not told forbids nothing.
//!
//! | fact | rule |
//! | --- | --- |
//! | the agent is not active | `AGENT-ACTIVE` |
//! | the number's country is none of the agent's | `AGENT-COUNTRY` |
//! | the number is on the stop list, and the check was asked for | `STOP-LIST` |
//! | the number has no RCS | `RCS-CAPABLE` |
//! | test mode and another agent than the test agent, or the reverse | `TEST-AGENT` |
//! | test mode, and the number is no verified contact | `TEST-CONTACT` |
//! | the price exceeds own funds and credit | `FUNDS` |

use alloc::collections::BTreeSet;

use crate::country::Country;
use crate::fault::{Fault, Faults};
use crate::money::Amount;
use crate::msisdn::Msisdn;
use crate::rules::{self, Rule};

/// What is known of the agent. [`None`] means that nobody told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AgentFacts<'a> {
    /// Whether it is registered for the client and active.
    pub active: Option<bool>,
    /// The countries that it may send to; an empty set means all.
    pub countries: Option<&'a BTreeSet<Country>>,
    /// Whether it is the platform's test agent.
    pub is_test_agent: Option<bool>,
}

/// What is known of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountFacts {
    /// Whether it is in test mode.
    pub test_mode: Option<bool>,
    /// What it can spend: balance + credit - reserved ([`crate::Ledger::available`]).
    pub available: Option<Amount>,
}

/// What is known of the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecipientFacts {
    /// Whether the number supports RCS.
    pub has_rcs: Option<bool>,
    /// Whether it is on the RCS stop list.
    pub on_stop_list: Option<bool>,
    /// Whether it is a contact that was confirmed with a code.
    pub verified: Option<bool>,
}

/// One message about to leave, and what is known about it.
///
/// ```
/// use bsg_rcs_domain::eligibility::{AgentFacts, Sending};
/// use bsg_rcs_domain::Msisdn;
///
/// let number = Msisdn::normalise("+380661231231")?;
/// assert!(Sending::to(number).faults().0.is_empty());
/// let asleep = AgentFacts { active: Some(false), ..AgentFacts::default() };
/// let faults = Sending { agent: asleep, ..Sending::to(number) }.faults();
/// assert_eq!(faults.0[0].rule.id, "AGENT-ACTIVE");
/// # Ok::<(), bsg_rcs_domain::msisdn::NotANumber>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sending<'a> {
    /// Who is written to.
    pub number: Msisdn,
    /// Whether the message asks for the stop list to be checked.
    pub check_stop_list: bool,
    /// What the message costs.
    pub price: Option<Amount>,
    /// What is known of the agent.
    pub agent: AgentFacts<'a>,
    /// What is known of the account.
    pub account: AccountFacts,
    /// What is known of the recipient.
    pub recipient: RecipientFacts,
}

impl Sending<'_> {
    /// A message of which nothing is known but its number; the stop list is checked.
    pub const fn to(number: Msisdn) -> Self {
        Self {
            number,
            check_stop_list: true,
            price: None,
            agent: AgentFacts { active: None, countries: None, is_test_agent: None },
            account: AccountFacts { test_mode: None, available: None },
            recipient: RecipientFacts { has_rcs: None, on_stop_list: None, verified: None },
        }
    }

    /// Every rule that forbids it, each at its place, in the order of the table; none if it may be
    /// sent as far as is known.
    pub fn faults(&self) -> Faults {
        let judged: [(&Rule, bool); 7] = [
            (&rules::AGENT_ACTIVE, self.agent.active == Some(false)),
            (&rules::AGENT_COUNTRY, self.is_out_of_reach()),
            (&rules::STOP_LIST, self.check_stop_list && self.recipient.on_stop_list == Some(true)),
            (&rules::RCS_CAPABLE, self.recipient.has_rcs == Some(false)),
            (&rules::TEST_AGENT, self.has_wrong_mode()),
            (&rules::TEST_CONTACT, self.is_unverified_in_test_mode()),
            (&rules::FUNDS, self.is_too_dear()),
        ];
        let broken = judged.into_iter().filter(|(_, broken)| *broken);
        Faults(broken.map(|(rule, _)| Fault::at(rule, rule.place)).collect())
    }

    fn is_out_of_reach(&self) -> bool {
        self.agent.countries.is_some_and(|countries| {
            let reached = Country::of(self.number).is_some_and(|home| countries.contains(&home));
            !countries.is_empty() && !reached
        })
    }

    fn has_wrong_mode(&self) -> bool {
        match (self.account.test_mode, self.agent.is_test_agent) {
            (Some(test_mode), Some(is_test_agent)) => test_mode != is_test_agent,
            _ => false,
        }
    }

    fn is_unverified_in_test_mode(&self) -> bool {
        self.account.test_mode == Some(true) && self.recipient.verified == Some(false)
    }

    fn is_too_dear(&self) -> bool {
        matches!((self.price, self.account.available), (Some(price), Some(funds)) if price > funds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn check(change: impl Fn(&mut Sending<'_>), expected: &[&str]) {
        let mut sending = Sending::to(Msisdn::from_u64(380_661_231_231).unwrap());
        change(&mut sending);
        let found: Vec<&str> = sending.faults().iter().map(|fault| fault.rule.id).collect();
        assert_eq!(found, expected, "{sending:?}");
    }

    #[test]
    fn what_nobody_told_forbids_nothing() {
        check(|_| {}, &[]);
        check(|s| s.price = Some(Amount::from_ten_millionths(1)), &[]);
        check(|s| s.account.test_mode = Some(true), &[]);
        check(|s| s.agent.is_test_agent = Some(true), &[]);
    }

    #[test]
    fn each_fact_has_its_verdict() {
        check(|s| s.agent.active = Some(true), &[]);
        check(|s| s.agent.active = Some(false), &["AGENT-ACTIVE"]);
        check(|s| s.recipient.has_rcs = Some(true), &[]);
        check(|s| s.recipient.has_rcs = Some(false), &["RCS-CAPABLE"]);
        check(|s| s.recipient.on_stop_list = Some(false), &[]);
        check(|s| s.recipient.on_stop_list = Some(true), &["STOP-LIST"]);
        check(|s| (s.recipient.on_stop_list, s.check_stop_list) = (Some(true), false), &[]);
    }

    #[test]
    fn an_agent_without_countries_reaches_all() {
        let of = |codes: &[&str]| -> BTreeSet<Country> {
            codes.iter().map(|code| Country::parse(code).unwrap()).collect()
        };
        let sending = Sending::to(Msisdn::from_u64(380_661_231_231).unwrap());
        for (codes, reaches) in [(&[][..], true), (&["DE", "UA"], true), (&["DE"], false)] {
            let countries = of(codes);
            let agent = AgentFacts { countries: Some(&countries), ..AgentFacts::default() };
            assert_eq!(Sending { agent, ..sending }.faults().0.is_empty(), reaches, "{codes:?}");
        }
        // A number of no country is out of every reach but that of an agent without countries.
        let countries = of(&["DE"]);
        let nowhere = Sending::to(Msisdn::from_u64(999_123_456_789).unwrap());
        let agent = AgentFacts { countries: Some(&countries), ..AgentFacts::default() };
        assert_eq!(Sending { agent, ..nowhere }.faults().0[0].rule.id, "AGENT-COUNTRY");
    }

    #[test]
    fn test_mode_means_the_test_agent_and_verified_contacts() {
        for (mode, agent, fits) in
            [(true, true, true), (false, false, true), (true, false, false), (false, true, false)]
        {
            let expected: &[&str] = if fits { &[] } else { &["TEST-AGENT"] };
            check(
                |s| (s.account.test_mode, s.agent.is_test_agent) = (Some(mode), Some(agent)),
                expected,
            );
        }
        for (mode, verified, fits) in
            [(true, true, true), (false, false, true), (true, false, false), (false, true, true)]
        {
            let expected: &[&str] = if fits { &[] } else { &["TEST-CONTACT"] };
            check(
                |s| (s.account.test_mode, s.recipient.verified) = (Some(mode), Some(verified)),
                expected,
            );
        }
    }

    #[test]
    fn the_funds_cover_the_price_or_not() {
        for (price, funds, fits) in [(5, 5, true), (6, 5, false), (0, 0, true), (1, -1, false)] {
            let amount = |count| Some(Amount::from_ten_millionths(count));
            let expected: &[&str] = if fits { &[] } else { &["FUNDS"] };
            check(|s| (s.price, s.account.available) = (amount(price), amount(funds)), expected);
        }
    }
}
