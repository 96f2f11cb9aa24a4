//! The configuration file: which keys there are, what each may hold, and what it changes.
//!
//! What a file does not say stays as it was. A list that it has (`accounts`, `agents`, `prices`, `tariffs`,
//! `fates.rules`) is the whole list: nothing of the default one is left. `docs/sandbox.toml` shows every key with its
//! default.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime, Country, Currency, MessageType, Msisdn, PriceList};
use toml::de::DeTable;

use super::tree::{ConfigFaults, Found, Node, Section};
use super::{CallbackRetries, SandboxConfig};
use crate::engine::{
    AccountSetup, Agent, Assumptions, BarredRecipient, Delay, Delays, DryRunAnswer, Fate, FateRule,
    Fates, KnownReference, Owner, Pattern, RefusedRecipient, Tariff, World,
};

/// The keys of each table, as they are written.
const TOP: &[&str] = &[
    "listen",
    "seed",
    "speed",
    "start",
    "state",
    "oddities",
    "token_life",
    "currency",
    "accounts",
    "agents",
    "prices",
    "tariffs",
    "fates",
    "delays",
    "callbacks",
    "assumptions",
];
const ACCOUNT: &[&str] = &["key", "balance", "credit", "test_mode", "verified", "callback_url"];
const AGENT: &[&str] = &["name", "active", "countries", "account", "platform"];
const PRICE: &[&str] = &["country", "text", "card", "carousel", "sms"];
const TARIFF: &[&str] = &["id", "name", "code", "active", "default"];
const FATES: &[&str] = &["builtin", "rules"];
const RULE: &[&str] = &["number", "fate"];
const DELAYS: &[&str] = &[
    "moderation",
    "sent",
    "delivered",
    "read",
    "clicked",
    "undelivered",
    "failed",
    "no_rcs",
    "unknown",
    "burst",
    "pause",
];
const CALLBACKS: &[&str] = &["attempts", "first_wait"];
const ASSUMPTIONS: &[&str] = &[
    "A1",
    "A2",
    "A3",
    "A5",
    "A6",
    "A8",
    "A9",
    "A10",
    "A12",
    "A13",
    "A14",
    "A15",
    "A16",
    "A17",
    "A19",
    "A20",
    "A21",
    "stop_fails_unsent",
];

/// Every key, table by table.
#[cfg(test)]
pub(super) const KEYS: [&[&str]; 10] =
    [TOP, ACCOUNT, AGENT, PRICE, TARIFF, FATES, RULE, DELAYS, CALLBACKS, ASSUMPTIONS];

/// The longest delay, in milliseconds: 30 days.
const DELAY_MAX: u64 = 30 * 86_400_000;
/// The longest span of anything else, in milliseconds: ten years.
const SPAN_MAX: u64 = 3650 * 86_400_000;
/// The most that is handed over at once: a whole campaign.
const BURST_MAX: u64 = 5000;
/// The longest name of an agent.
const AGENT_CHARS: usize = 40;

/// Changes what the text says.
pub(super) fn apply(config: &mut SandboxConfig, text: &str) -> Result<(), ConfigFaults> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Found::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let top = Section::root(&document, TOP, &mut found);
        running(config, &top, &mut found);
        world(&mut config.world, &top, &mut found);
    }
    for error in &errors {
        found.syntax(error);
    }
    found.into_result()
}

/// Puts what was read in the place of what is there.
fn put<T>(place: &mut T, read: Option<T>) {
    if let Some(value) = read {
        *place = value;
    }
}

fn running(config: &mut SandboxConfig, top: &Section<'_>, found: &mut Found<'_>) {
    put(
        &mut config.listen,
        top.read("listen", found, |node, found| {
            node.parsed(found, |text| {
                text.parse().map_err(|_| "write an address and a port, such as 127.0.0.1:8080")
            })
        }),
    );
    put(&mut config.seed, top.read("seed", found, |node, found| node.whole(0, u64::MAX, found)));
    put(
        &mut config.speed,
        top.read("speed", found, |node, found| {
            let speed = node.digits(found)?.parse();
            speed.map_err(|why: super::NotASpeed| node.fault(why.to_string(), found)).ok()
        }),
    );
    put(
        &mut config.start,
        top.read("start", found, |node, found| {
            let start = CivilDateTime::parse(&node.date_time(found)?);
            start.map_err(|why| node.fault(why.to_string(), found)).ok()
        }),
    );
    let state = top.read("state", found, Node::name);
    config.state = state.map(Into::into).or(config.state.take());
    put(&mut config.oddities, top.read("oddities", found, Node::switch));
    put(&mut config.token_life, top.read("token_life", found, |n, f| span(n, SPAN_MAX, f)));
    let callbacks = top.read("callbacks", found, |node, found| node.section(CALLBACKS, found));
    if let Some(section) = callbacks {
        let CallbackRetries { attempts, first_wait } = &mut config.callback_retries;
        put(
            attempts,
            section.read("attempts", found, |node, found| {
                node.whole(1, 1000, found).and_then(|count| u16::try_from(count).ok())
            }),
        );
        put(first_wait, section.read("first_wait", found, |n, f| span(n, SPAN_MAX, f)));
    }
}

fn world(world: &mut World, top: &Section<'_>, found: &mut Found<'_>) {
    let accounts = top.read("accounts", found, accounts);
    let agents = top.read("agents", found, |node, found| each(node, AGENT, found, agent));
    match (accounts, agents) {
        (accounts, Some(agents)) => {
            put(&mut world.accounts, accounts);
            world.agents = own(&world.accounts, agents, found);
        }
        (Some(accounts), None) => {
            world.accounts = accounts;
            adopt(world);
        }
        (None, None) => {}
    }
    let currency = top.read("currency", found, |node, found| node.parsed(found, Currency::parse));
    let prices = top.read("prices", found, |node, found| {
        prices(node, currency.unwrap_or(world.prices.currency()), found)
    });
    match prices {
        Some(prices) => world.prices = prices,
        None => {
            if let Some(currency) = currency {
                world.prices = world.prices.in_currency(currency);
            }
        }
    }
    put(&mut world.tariffs, top.read("tariffs", found, tariffs));
    if let Some(section) = top.read("fates", found, |node, found| node.section(FATES, found)) {
        fates(&mut world.fates, &section, found);
    }
    if let Some(section) = top.read("delays", found, |node, found| node.section(DELAYS, found)) {
        delays(&mut world.delays, &section, found);
    }
    let section = top.read("assumptions", found, |node, found| node.section(ASSUMPTIONS, found));
    if let Some(section) = section {
        assumptions(&mut world.assumptions, &section, found);
    }
}

/// Reads the tables of a list; those that cannot be read are left out, and noted.
fn each<'a, T>(
    node: &Node<'a>,
    keys: &[&str],
    found: &mut Found<'_>,
    mut read: impl FnMut(&Section<'a>, &mut Found<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let items = node.list(found)?;
    let mut taken = Vec::with_capacity(items.len());
    for item in items {
        let section = item.section(keys, found);
        taken.extend(section.and_then(|section| read(&section, found)));
    }
    Some(taken)
}

fn accounts(node: &Node<'_>, found: &mut Found<'_>) -> Option<Vec<AccountSetup>> {
    if node.list(found)?.is_empty() {
        node.fault("there must be an account", found);
    }
    let mut keys = BTreeSet::new();
    each(node, ACCOUNT, found, |section, found| {
        let key_node = section.need("key", found)?;
        let key = key_node.name(found)?;
        if !keys.insert(key.to_owned()) {
            key_node.fault("another account has this key already", found);
        }
        account(key, section, found)
    })
}

fn account(key: &str, section: &Section<'_>, found: &mut Found<'_>) -> Option<AccountSetup> {
    let test_mode = section.read("test_mode", found, Node::switch).unwrap_or(false);
    let verified = section.read("verified", found, numbers);
    if verified.is_some() && !test_mode {
        section.fault("only an account with test_mode = true has verified contacts", found);
    }
    let balance = section.need("balance", found);
    Some(AccountSetup {
        key: key.into(),
        balance: balance.and_then(|node| node.money(found)).unwrap_or_default(),
        credit: section.read("credit", found, Node::money).unwrap_or_default(),
        verified: test_mode.then(|| verified.unwrap_or_default()),
        callback_url: section.read("callback_url", found, callback_url),
    })
}

fn numbers(node: &Node<'_>, found: &mut Found<'_>) -> Option<BTreeSet<Msisdn>> {
    let items = node.list(found)?;
    Some(items.iter().filter_map(|item| item.parsed(found, Msisdn::normalise)).collect())
}

fn callback_url(node: &Node<'_>, found: &mut Found<'_>) -> Option<Arc<str>> {
    let url = node.name(found)?;
    if !url.starts_with("http://") || url.parse::<http::Uri>().is_err() {
        node.fault("the sandbox posts to http:// addresses", found);
        return None;
    }
    Some(url.into())
}

/// An agent, and the account that it names.
struct NamedAgent<'a> {
    agent: Agent,
    owner: Option<(Node<'a>, &'a str)>,
    platform: bool,
    name: Node<'a>,
}

fn agent<'a>(section: &Section<'a>, found: &mut Found<'_>) -> Option<NamedAgent<'a>> {
    let node = section.need("name", found)?;
    let name = node.name(found)?;
    if name.chars().count() > AGENT_CHARS {
        node.fault(format!("at most {AGENT_CHARS} characters"), found);
    }
    let owner = section.get("account");
    let platform = section.read("platform", found, Node::switch).unwrap_or(false);
    if owner.is_some() && platform {
        section.fault("an agent has an account or is the platform's, not both", found);
    }
    Some(NamedAgent {
        agent: Agent {
            name: name.to_owned(),
            active: section.read("active", found, Node::switch).unwrap_or(true),
            countries: section.read("countries", found, countries).unwrap_or_default(),
            owner: Owner::Platform,
        },
        owner: owner.and_then(|node| node.text(found).map(|key| (node, key))),
        platform,
        name: node,
    })
}

fn countries(node: &Node<'_>, found: &mut Found<'_>) -> Option<BTreeSet<Country>> {
    let items = node.list(found)?;
    Some(items.iter().filter_map(|item| item.parsed(found, country)).collect())
}

fn country(code: &str) -> Result<Country, String> {
    let country = Country::parse(code).map_err(|why| why.to_string())?;
    let known = country.has_numbers().then_some(country);
    known.ok_or_else(|| format!("no country is called {country}"))
}

/// Gives every agent to the account that it names, or, if it names none, to the first.
fn own(
    accounts: &[AccountSetup],
    agents: Vec<NamedAgent<'_>>,
    found: &mut Found<'_>,
) -> Vec<Agent> {
    let mut names = BTreeSet::new();
    let mut owned = Vec::with_capacity(agents.len());
    for NamedAgent { mut agent, owner, platform, name } in agents {
        if !names.insert(agent.name.clone()) {
            name.fault("another agent has this name already", found);
        }
        if let Some((node, key)) = &owner
            && !accounts.iter().any(|account| &*account.key == *key)
        {
            node.fault("no account has this key", found);
        }
        let key = owner.map(|(_, key)| key.into());
        let key = key.or_else(|| accounts.first().map(|account| account.key.clone()));
        if let Some(key) = key.filter(|_| !platform) {
            agent.owner = Owner::Account(key);
        }
        owned.push(agent);
    }
    owned
}

/// Gives agents whose account is gone to the first account that is not in test mode.
fn adopt(world: &mut World) {
    let heir = world.accounts.iter().find(|account| account.verified.is_none());
    let heir = heir.map(|account| account.key.clone());
    let accounts: BTreeSet<Arc<str>> =
        world.accounts.iter().map(|account| account.key.clone()).collect();
    world.agents.retain_mut(|agent| {
        let Owner::Account(key) = &mut agent.owner else { return true };
        match &heir {
            _ if accounts.contains(&*key) => true,
            Some(heir) => {
                *key = heir.clone();
                true
            }
            None => false,
        }
    });
}

fn prices(node: &Node<'_>, currency: Currency, found: &mut Found<'_>) -> Option<PriceList> {
    let mut list = PriceList::new(currency);
    let rows = each(node, PRICE, found, |section, found| {
        let node = section.need("country", found)?;
        let country = match node.text(found)? {
            "*" => None,
            _ => Some(node.parsed(found, country)?),
        };
        let mut row = Vec::new();
        for kind in MessageType::ALL {
            let price = section.read(kind.as_str(), found, Node::money);
            row.extend(price.map(|price| (kind, price)));
        }
        Some((node, country, row))
    })?;
    for (node, country, row) in rows {
        set(&mut list, &node, country, &row, found);
    }
    Some(list)
}

fn set(
    list: &mut PriceList,
    node: &Node<'_>,
    country: Option<Country>,
    row: &[(MessageType, Amount)],
    found: &mut Found<'_>,
) {
    for (kind, price) in row {
        if !list.set(country, *kind, *price) {
            let reason = format!("{} has a price here already", kind.as_str());
            node.fault(reason, found);
        }
    }
}

fn tariffs(node: &Node<'_>, found: &mut Found<'_>) -> Option<Vec<Tariff>> {
    let mut codes = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let mut next = 0;
    each(node, TARIFF, found, |section, found| {
        next += 1;
        let id = section.read("id", found, |node, found| node.whole(1, u64::MAX, found));
        let code_node = section.need("code", found)?;
        let code = code_node.whole(0, u64::from(u32::MAX), found)?;
        let name = section.need("name", found)?.name(found)?.to_owned();
        let tariff = Tariff {
            id: id.unwrap_or(next),
            name,
            code: i64::try_from(code).unwrap_or(i64::MAX),
            active: section.read("active", found, Node::switch).unwrap_or(true),
            default: section.read("default", found, Node::switch).unwrap_or(false),
        };
        if !codes.insert(code) {
            code_node.fault("another tariff has this code already", found);
        }
        if !ids.insert(tariff.id) {
            section.fault("another tariff has this id already", found);
        }
        Some(tariff)
    })
}

fn fates(fates: &mut Fates, section: &Section<'_>, found: &mut Found<'_>) {
    put(&mut fates.builtin, section.read("builtin", found, Node::switch));
    put(
        &mut fates.rules,
        section.read("rules", found, |node, found| each(node, RULE, found, rule)),
    );
}

fn rule(section: &Section<'_>, found: &mut Found<'_>) -> Option<FateRule> {
    let pattern = section.need("number", found);
    let pattern = pattern.and_then(|node| node.parsed(found, Pattern::parse));
    let fate = section.need("fate", found)?.parsed(found, |word| {
        let words = || Fate::words().collect::<Vec<_>>().join(", ");
        Fate::from_word(word).ok_or_else(|| format!("no such fate; there are {}", words()))
    });
    Some(FateRule { pattern: pattern?, fate: fate? })
}

fn delays(delays: &mut Delays, section: &Section<'_>, found: &mut Found<'_>) {
    for (key, place) in [
        ("moderation", &mut delays.moderation),
        ("sent", &mut delays.sent),
        ("delivered", &mut delays.delivered),
        ("read", &mut delays.read),
        ("clicked", &mut delays.clicked),
        ("undelivered", &mut delays.undelivered),
        ("failed", &mut delays.failed),
        ("no_rcs", &mut delays.no_rcs),
        ("unknown", &mut delays.unknown),
    ] {
        put(place, section.read(key, found, delay));
    }
    put(
        &mut delays.burst,
        section.read("burst", found, |node, found| {
            node.whole(1, BURST_MAX, found).and_then(|count| u16::try_from(count).ok())
        }),
    );
    put(&mut delays.pause, section.read("pause", found, |n, f| span(n, DELAY_MAX, f)));
}

/// The least and the most, or one for both.
fn delay(node: &Node<'_>, found: &mut Found<'_>) -> Option<Delay> {
    if !node.is_list() {
        let both = millis(node, found)?;
        return Some(Delay::between(both, both));
    }
    match node.list(found)?.as_slice() {
        [least, most] => {
            let (least, most) = (millis(least, found), millis(most, found));
            let (least, most) = (least?, most?);
            if least > most {
                node.fault("the least comes first", found);
            }
            Some(Delay::between(least, most))
        }
        _ => {
            node.fault("write the least and the most, such as [\"1s\", \"5s\"]", found);
            None
        }
    }
}

fn millis(node: &Node<'_>, found: &mut Found<'_>) -> Option<u32> {
    node.millis(DELAY_MAX, found).and_then(|millis| u32::try_from(millis).ok())
}

fn span(node: &Node<'_>, most: u64, found: &mut Found<'_>) -> Option<Duration> {
    node.millis(most, found).map(Duration::from_millis)
}

fn assumptions(assumed: &mut Assumptions, section: &Section<'_>, found: &mut Found<'_>) {
    for (key, place) in [
        ("A1", &mut assumed.refused_as_unprocessable),
        ("A2", &mut assumed.carousel_has_its_price),
        ("A3", &mut assumed.sms_paid_by_part),
        ("A5", &mut assumed.read_after_delivered),
        ("A6", &mut assumed.no_rcs_is_no_service),
        ("A9", &mut assumed.callbacks_retried),
        ("A10", &mut assumed.clicks_to_account_url),
        ("A12", &mut assumed.sms_keeps_reference),
        ("A14", &mut assumed.past_start_refused),
        ("A16", &mut assumed.repeated_number_refused),
        ("stop_fails_unsent", &mut assumed.stop_fails_unsent),
    ] {
        put(place, section.read(key, found, Node::switch));
    }
    let mut either = |key: &str| section.read(key, found, Node::switch);
    put(
        &mut assumed.dry_run_answer,
        either("A13").map(|holds| match holds {
            true => DryRunAnswer::Data,
            false => DryRunAnswer::NoContent,
        }),
    );
    put(
        &mut assumed.barred_recipient,
        either("A19").map(|holds| match holds {
            true => BarredRecipient::Fails,
            false => BarredRecipient::Refused,
        }),
    );
    put(
        &mut assumed.refused_recipient,
        either("A21").map(|holds| match holds {
            true => RefusedRecipient::RefuseRequest,
            false => RefusedRecipient::LeaveOut,
        }),
    );
    put(
        &mut assumed.spam_word,
        section.read("A8", found, |node, found| {
            let word = node.text(found)?;
            Some(Some(word.to_owned()).filter(|word| !word.is_empty()))
        }),
    );
    put(
        &mut assumed.known_reference,
        section.read("A15", found, |node, found| {
            node.parsed(found, |letter| match letter {
                "a" => Ok(KnownReference::RefuseRequest),
                "b" => Ok(KnownReference::RejectMessage),
                "c" => Ok(KnownReference::SendAgain),
                _ => Err("write \"a\", \"b\" or \"c\""),
            })
        }),
    );
    put(&mut assumed.duplicate_window, section.read("A17", found, |n, f| span(n, SPAN_MAX, f)));
    put(&mut assumed.lookup_lag, section.read("A20", found, |n, f| span(n, SPAN_MAX, f)));
}
