//! The world at the start: who has an account, which agents there are, what a message costs.
//!
//! The default is what scripts rely on: its keys, agents and prices stand still.

use std::collections::BTreeSet;
use std::sync::Arc;

use bsg_rcs_domain::{Amount, Country, Currency, MessageType, Msisdn, PriceList};

use super::assumptions::Assumptions;
use super::delays::Delays;
use super::fate::Fates;
use super::tariffs::{self, Tariff};

/// Everything that is given before the first command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// The accounts.
    pub accounts: Vec<AccountSetup>,
    /// The agents.
    pub agents: Vec<Agent>,
    /// The prices of every account.
    pub prices: PriceList,
    /// The tariffs of every account.
    pub tariffs: Vec<Tariff>,
    /// Which number has which fate.
    pub fates: Fates,
    /// How long things take.
    pub delays: Delays,
    /// Where the documents are silent.
    pub assumptions: Assumptions,
}

/// An account at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSetup {
    /// Its API key.
    pub key: Arc<str>,
    /// Its own funds.
    pub balance: Amount,
    /// Its credit limit.
    pub credit: Amount,
    /// In test mode: the numbers that were confirmed with a code.
    pub verified: Option<BTreeSet<Msisdn>>,
    /// Its Callback URL For RCS.
    pub callback_url: Option<Arc<str>>,
}

/// An RCS agent: the sender of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Whether it may send; else it waits for its registration.
    pub active: bool,
    /// The countries that it may send to; none named means all.
    pub countries: BTreeSet<Country>,
    /// Who may use it.
    pub owner: Owner,
}

/// Who an agent is registered for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// One account, by its key.
    Account(Arc<str>),
    /// The platform itself: only accounts in test mode may use it.
    Platform,
}

impl Agent {
    /// Whether it may send to a number's country.
    pub fn reaches(&self, number: Msisdn) -> bool {
        self.countries.is_empty()
            || Country::of(number).is_some_and(|country| self.countries.contains(&country))
    }
}

impl Default for World {
    fn default() -> Self {
        let live: Arc<str> = "live_sandbox".into();
        let agent = |name: &str, active, countries: &[&str], owner| Agent {
            name: name.into(),
            active,
            countries: countries.iter().filter_map(|code| Country::parse(code).ok()).collect(),
            owner,
        };
        let mine = || Owner::Account(live.clone());
        Self {
            accounts: vec![
                AccountSetup {
                    key: live.clone(),
                    balance: ten_thousandths(10_000_000),
                    credit: Amount::ZERO,
                    verified: None,
                    callback_url: None,
                },
                AccountSetup {
                    key: "test_sandbox".into(),
                    balance: ten_thousandths(100_000),
                    credit: Amount::ZERO,
                    verified: Some(Msisdn::from_u64(380_661_231_231).into_iter().collect()),
                    callback_url: None,
                },
            ],
            agents: vec![
                agent("demo_agent", true, &[], mine()),
                agent("demo_agent_ua", true, &["UA"], mine()),
                agent("pending_agent", false, &[], mine()),
                agent("bsg_test_agent", true, &[], Owner::Platform),
            ],
            prices: default_prices(),
            tariffs: tariffs::defaults(),
            fates: Fates::default(),
            delays: Delays::default(),
            assumptions: Assumptions::default(),
        }
    }
}

/// The prices of the default world.
fn default_prices() -> PriceList {
    let mut prices = PriceList::new(Currency::EUR);
    let ukraine = Country::parse("UA").ok();
    let table = [
        (MessageType::Text, 500, 100),
        (MessageType::Card, 700, 150),
        (MessageType::Carousel, 900, 200),
        (MessageType::Sms, 300, 80),
    ];
    for (kind, everywhere, in_ukraine) in table {
        // No pair comes twice in the table above, so nothing is refused.
        let _ = prices.set(None, kind, ten_thousandths(everywhere));
        let _ = prices.set(ukraine, kind, ten_thousandths(in_ukraine));
    }
    prices
}

/// So many ten-thousandths of the currency: prices have four decimals here.
const fn ten_thousandths(count: i128) -> Amount {
    Amount::from_ten_millionths(count * 1000)
}
