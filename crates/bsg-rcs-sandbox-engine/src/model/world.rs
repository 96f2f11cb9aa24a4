//! The world at the start: who has an account, which agents there are, what a message costs.
//!
//! The default is what scripts rely on: its keys, agents and prices stand still.

use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use std::sync::Arc;

use bsg_rcs_domain::{Amount, Country, Currency, MessageType, Msisdn, PriceList};

use super::tariff;
use crate::model::assumptions::Assumptions;
use crate::model::delays::Delays;
use crate::model::fate::Fates;
use crate::model::tariff::Tariff;

/// Everything that is given before the first command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct World {
    /// The accounts.
    pub accounts: Vec<AccountSetup>,
    /// The agents.
    pub agents: Vec<Agent>,
    /// The prices of every account.
    #[serde(serialize_with = "prices")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountSetup {
    /// Its API key.
    #[serde(serialize_with = "shown")]
    pub key: Arc<str>,
    /// Its own funds.
    #[serde(serialize_with = "shown")]
    pub balance: Amount,
    /// Its credit limit.
    #[serde(serialize_with = "shown")]
    pub credit: Amount,
    /// In test mode: the numbers that were confirmed with a code.
    #[serde(serialize_with = "numbers")]
    pub verified: Option<BTreeSet<Msisdn>>,
    /// Its Callback URL For RCS.
    #[serde(with = "super::written::text")]
    pub callback_url: Option<Arc<str>>,
}

/// An RCS agent: the sender of messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Whether it may send; else it waits for its registration.
    pub active: bool,
    /// The countries that it may send to; none named means all.
    #[serde(serialize_with = "countries")]
    pub countries: BTreeSet<Country>,
    /// Who may use it.
    pub owner: Owner,
}

/// Who an agent is registered for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Owner {
    /// One account, by its key.
    Account(#[serde(serialize_with = "shown")] Arc<str>),
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
            tariffs: tariff::defaults(),
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

// How a world is written, for those who compare two.

fn shown<T: std::fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn numbers<S: Serializer>(
    numbers: &Option<BTreeSet<Msisdn>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(numbers.iter().flatten().map(|number| number.as_u64()))
}

fn countries<S: Serializer>(
    countries: &BTreeSet<Country>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(countries.iter().map(Country::as_str))
}

/// The currency, and the price of each type in each country.
fn prices<S: Serializer>(prices: &PriceList, serializer: S) -> Result<S::Ok, S::Error> {
    let letters = || (b'A'..=b'Z').map(char::from);
    let codes = letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
    let countries = codes.map(|code| Country::parse(&code).ok()).filter(Option::is_some);
    let all = std::iter::once(None).chain(countries);
    let rows = all.flat_map(|country| {
        MessageType::ALL.into_iter().filter_map(move |kind| {
            let price = prices.price(country, kind).ok()?.amount.to_string();
            Some((country.map_or("*".into(), |country| country.to_string()), kind.as_str(), price))
        })
    });
    let rows: Vec<(String, &str, String)> = rows.collect();
    (prices.currency().as_str(), rows).serialize(serializer)
}
