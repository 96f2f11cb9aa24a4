//! The configuration file: which keys there are, what each may hold, and what it changes.
//!
//! What a file does not say stays as it was. A list that it has (`accounts`, `agents`, `prices`, `tariffs`,
//! `fates.rules`) is the whole list: nothing of the default one is left. `docs/sandbox.toml` shows every key with its
//! default.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use bsg_rcs_domain::{Currency, MessageType, PriceList};
use bsg_rcs_sandbox_engine::{
    AccountSetup, Agent, Assumptions, BarredRecipient, Delays, DryRunAnswer, FateRule, Fates,
    Owner, Pattern, RefusedRecipient, Tariff, World,
};
use serde::Deserialize;
use toml::Spanned;

use super::SandboxConfig;
use super::faults::{ConfigFaults, Found};
use super::values::{
    AgentName, AnyCountry, CallbackUrl, Count, CountryCode, CurrencyCode, DELAY_MAX, DelayBounds,
    FateWord, Money, Name, Number, Pace, ReferenceLetter, SPAN_MAX, Start, Time,
};

/// A table whose keys are all optional.
macro_rules! table {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct $name { $(pub(super) $field: Option<$type>),* }

        #[cfg(test)]
        impl $name {
            pub(super) const KEYS: &[&str] = &[$(stringify!($field)),*];
        }
    };
}

table!(File {
    listen: SocketAddr,
    seed: u64,
    speed: Pace,
    start: Start,
    state: Name,
    oddities: bool,
    allow_hosts: Vec<Name>,
    token_life: Time<SPAN_MAX>,
    currency: CurrencyCode,
    accounts: Spanned<Vec<Spanned<AccountTable>>>,
    agents: Vec<Spanned<AgentTable>>,
    prices: Vec<Spanned<PriceTable>>,
    tariffs: Vec<Spanned<TariffTable>>,
    fates: FatesTable,
    delays: DelaysTable,
    callbacks: CallbacksTable,
    assumptions: AssumptionsTable,
});
table!(AccountTable {
    key: Spanned<Name>,
    balance: Money,
    credit: Money,
    test_mode: bool,
    verified: Vec<Number>,
    callback_url: CallbackUrl,
});
table!(AgentTable {
    name: Spanned<AgentName>,
    active: bool,
    countries: Vec<CountryCode>,
    account: Spanned<String>,
    platform: bool,
});
table!(PriceTable { country: Spanned<AnyCountry>, text: Money, card: Money, carousel: Money, sms: Money });
table!(TariffTable { id: u64, name: Name, code: Spanned<u32>, active: bool, default: bool });
table!(FatesTable { builtin: bool, rules: Vec<Spanned<RuleTable>> });
table!(RuleTable { number: Pattern, fate: FateWord });
table!(CallbacksTable { attempts: Count<1000>, first_wait: Time<SPAN_MAX> });
table!(DelaysTable {
    moderation: DelayBounds,
    sent: DelayBounds,
    delivered: DelayBounds,
    read: DelayBounds,
    clicked: DelayBounds,
    undelivered: DelayBounds,
    failed: DelayBounds,
    no_rcs: DelayBounds,
    unknown: DelayBounds,
    burst: Count<5000>,
    pause: Time<DELAY_MAX>,
});

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "UPPERCASE")]
pub(super) struct AssumptionsTable {
    a1: Option<bool>,
    a2: Option<bool>,
    a3: Option<bool>,
    a4: Option<bool>,
    a5: Option<bool>,
    a6: Option<bool>,
    a8: Option<String>,
    a9: Option<bool>,
    a10: Option<bool>,
    a12: Option<bool>,
    a13: Option<bool>,
    a14: Option<bool>,
    a15: Option<ReferenceLetter>,
    a16: Option<bool>,
    a17: Option<Time<SPAN_MAX>>,
    a19: Option<bool>,
    a20: Option<Time<SPAN_MAX>>,
    a21: Option<bool>,
    a22: Option<bool>,
    #[serde(rename = "stop_fails_unsent")]
    stop_fails_unsent: Option<bool>,
}

/// Changes what the text says.
pub(super) fn apply(config: &mut SandboxConfig, text: &str) -> Result<(), ConfigFaults> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Found::new(text);
    let mut file: File = found.read();
    world(&mut config.world, &mut file, &mut found);
    put(&mut config.listen, file.listen);
    put(&mut config.seed, file.seed);
    put(&mut config.speed, file.speed.map(|speed| speed.0));
    put(&mut config.start, file.start.map(|start| start.0));
    config.state = file.state.map(|path| path.0.into()).or(config.state.take());
    put(&mut config.oddities, file.oddities);
    put(
        &mut config.allow_hosts,
        file.allow_hosts.map(|all| all.into_iter().map(|one| one.0).collect()),
    );
    put(&mut config.token_life, file.token_life.map(|life| life.0));
    let CallbacksTable { attempts, first_wait } = file.callbacks.unwrap_or_default();
    put(&mut config.callback_retries.attempts, attempts.map(|count| count.0));
    put(&mut config.callback_retries.first_wait, first_wait.map(|wait| wait.0));
    found.into_result()
}

/// Puts what was read in the place of what is there.
fn put<T>(place: &mut T, read: Option<T>) {
    if let Some(value) = read {
        *place = value;
    }
}

fn world(world: &mut World, file: &mut File, found: &mut Found<'_>) {
    let listed = file.accounts.take();
    let has_accounts = listed.is_some();
    if let Some(listed) = listed {
        if listed.get_ref().is_empty() {
            found.add(listed.span(), "accounts: there must be an account");
        }
        world.accounts = accounts(listed.into_inner(), found);
    }
    match file.agents.take() {
        Some(listed) => world.agents = agents(&world.accounts, listed, found),
        None if has_accounts => adopt(world),
        None => {}
    }
    let currency = file.currency.take().map(|currency| currency.0);
    match file.prices.take() {
        Some(listed) => {
            world.prices = prices(currency.unwrap_or(world.prices.currency()), listed, found);
        }
        None => {
            let renamed = currency.map(|currency| world.prices.in_currency(currency));
            put(&mut world.prices, renamed);
        }
    }
    put(&mut world.tariffs, file.tariffs.take().map(|listed| tariffs(listed, found)));
    fates(&mut world.fates, file.fates.take().unwrap_or_default(), found);
    delays(&mut world.delays, file.delays.take().unwrap_or_default());
    assumptions(&mut world.assumptions, file.assumptions.take().unwrap_or_default());
}

/// A value that must be there; where it is not, that is noted at its table.
fn need<T>(
    value: Option<T>,
    key: &str,
    table: &Range<usize>,
    place: &str,
    found: &mut Found<'_>,
) -> Option<T> {
    if value.is_none() {
        found.missing(table.clone(), place, key);
    }
    value
}

fn accounts(listed: Vec<Spanned<AccountTable>>, found: &mut Found<'_>) -> Vec<AccountSetup> {
    let mut keys = BTreeSet::new();
    let mut accounts = Vec::new();
    for (at, table) in listed.into_iter().enumerate() {
        let (span, place, table) = (table.span(), format!("accounts[{at}]"), table.into_inner());
        let test_mode = table.test_mode.unwrap_or(false);
        if table.verified.is_some() && !test_mode {
            let reason = "only an account with test_mode = true has verified contacts";
            found.add(span.clone(), format!("{place}: {reason}"));
        }
        let balance = need(table.balance, "balance", &span, &place, found);
        let Some(key) = need(table.key, "key", &span, &place, found) else { continue };
        if !keys.insert(key.get_ref().0.clone()) {
            found.add(key.span(), format!("{place}.key: another account has this key already"));
        }
        let verified = table.verified.unwrap_or_default().into_iter().map(|number| number.0);
        accounts.push(AccountSetup {
            key: key.into_inner().0.into(),
            balance: balance.map(|money| money.0).unwrap_or_default(),
            credit: table.credit.map(|money| money.0).unwrap_or_default(),
            verified: test_mode.then(|| verified.collect()),
            callback_url: table.callback_url.map(|url| url.0.into()),
        });
    }
    accounts
}

/// Gives every agent to the account that it names, or, if it names none, to the first.
fn agents(
    accounts: &[AccountSetup],
    listed: Vec<Spanned<AgentTable>>,
    found: &mut Found<'_>,
) -> Vec<Agent> {
    let mut names = BTreeSet::new();
    let mut agents = Vec::new();
    for (at, table) in listed.into_iter().enumerate() {
        let (span, place, table) = (table.span(), format!("agents[{at}]"), table.into_inner());
        let platform = table.platform.unwrap_or(false);
        if table.account.is_some() && platform {
            let reason = "an agent has an account or is the platform's, not both";
            found.add(span.clone(), format!("{place}: {reason}"));
        }
        if let Some(key) = &table.account
            && !accounts.iter().any(|account| *account.key == **key.get_ref())
        {
            found.add(key.span(), format!("{place}.account: no account has this key"));
        }
        let Some(name) = need(table.name, "name", &span, &place, found) else { continue };
        if !names.insert(name.get_ref().0.clone()) {
            found.add(name.span(), format!("{place}.name: another agent has this name already"));
        }
        let first = accounts.first().map(|account| account.key.clone());
        let owner = table.account.map(|key| key.into_inner().into()).or(first);
        let countries = table.countries.unwrap_or_default().into_iter();
        agents.push(Agent {
            name: name.into_inner().0,
            active: table.active.unwrap_or(true),
            countries: countries.map(|country| country.0).collect(),
            owner: owner.filter(|_| !platform).map_or(Owner::Platform, Owner::Account),
        });
    }
    agents
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

fn prices(
    currency: Currency,
    listed: Vec<Spanned<PriceTable>>,
    found: &mut Found<'_>,
) -> PriceList {
    let mut prices = PriceList::new(currency);
    for (at, table) in listed.into_iter().enumerate() {
        let (span, place, table) = (table.span(), format!("prices[{at}]"), table.into_inner());
        let Some(country) = need(table.country, "country", &span, &place, found) else { continue };
        for (kind, price) in [
            (MessageType::Text, table.text),
            (MessageType::Card, table.card),
            (MessageType::Carousel, table.carousel),
            (MessageType::Sms, table.sms),
        ] {
            if let Some(Money(price)) = price
                && !prices.set(country.get_ref().0, kind, price)
            {
                let reason = format!("{} has a price here already", kind.as_str());
                found.add(country.span(), format!("{place}.country: {reason}"));
            }
        }
    }
    prices
}

fn tariffs(listed: Vec<Spanned<TariffTable>>, found: &mut Found<'_>) -> Vec<Tariff> {
    let (mut codes, mut ids) = (BTreeSet::new(), BTreeSet::new());
    let mut tariffs = Vec::new();
    for (table, at) in listed.into_iter().zip(0_u64..) {
        let (span, place, table) = (table.span(), format!("tariffs[{at}]"), table.into_inner());
        let name = need(table.name, "name", &span, &place, found);
        let code = need(table.code, "code", &span, &place, found);
        let id = table.id.unwrap_or(at + 1);
        if !ids.insert(id) {
            found.add(span, format!("{place}: another tariff has this id already"));
        }
        let (Some(name), Some(code)) = (name, code) else { continue };
        if !codes.insert(*code.get_ref()) {
            found.add(code.span(), format!("{place}.code: another tariff has this code already"));
        }
        tariffs.push(Tariff {
            id,
            name: name.0,
            code: code.into_inner().into(),
            active: table.active.unwrap_or(true),
            default: table.default.unwrap_or(false),
        });
    }
    tariffs
}

fn fates(fates: &mut Fates, table: FatesTable, found: &mut Found<'_>) {
    put(&mut fates.builtin, table.builtin);
    let Some(listed) = table.rules else { return };
    let rules = listed.into_iter().enumerate().filter_map(|(at, table)| {
        let (span, place, table) = (table.span(), format!("fates.rules[{at}]"), table.into_inner());
        let pattern = need(table.number, "number", &span, &place, found);
        let fate = need(table.fate, "fate", &span, &place, found);
        Some(FateRule { pattern: pattern?, fate: fate?.0 })
    });
    fates.rules = rules.collect();
}

fn delays(delays: &mut Delays, table: DelaysTable) {
    for (place, read) in [
        (&mut delays.moderation, table.moderation),
        (&mut delays.sent, table.sent),
        (&mut delays.delivered, table.delivered),
        (&mut delays.read, table.read),
        (&mut delays.clicked, table.clicked),
        (&mut delays.undelivered, table.undelivered),
        (&mut delays.failed, table.failed),
        (&mut delays.no_rcs, table.no_rcs),
        (&mut delays.unknown, table.unknown),
    ] {
        put(place, read.map(|bounds| bounds.0));
    }
    put(&mut delays.burst, table.burst.map(|count| count.0));
    put(&mut delays.pause, table.pause.map(|time| time.0));
}

fn assumptions(assumed: &mut Assumptions, table: AssumptionsTable) {
    for (place, read) in [
        (&mut assumed.refused_as_unprocessable, table.a1),
        (&mut assumed.carousel_has_its_price, table.a2),
        (&mut assumed.sms_paid_by_part, table.a3),
        (&mut assumed.resumes_by_call, table.a4),
        (&mut assumed.read_after_delivered, table.a5),
        (&mut assumed.no_rcs_is_no_service, table.a6),
        (&mut assumed.callbacks_retried, table.a9),
        (&mut assumed.clicks_to_account_url, table.a10),
        (&mut assumed.sms_keeps_reference, table.a12),
        (&mut assumed.past_start_refused, table.a14),
        (&mut assumed.repeated_number_refused, table.a16),
        (&mut assumed.unknown_fields_ignored, table.a22),
        (&mut assumed.stop_fails_unsent, table.stop_fails_unsent),
    ] {
        put(place, read);
    }
    let either = |holds: bool, yes, no| if holds { yes } else { no };
    let answer = |holds| either(holds, DryRunAnswer::Data, DryRunAnswer::NoContent);
    put(&mut assumed.dry_run_answer, table.a13.map(answer));
    put(
        &mut assumed.barred_recipient,
        table.a19.map(|holds| match holds {
            true => BarredRecipient::Fails,
            false => BarredRecipient::Refused,
        }),
    );
    put(
        &mut assumed.refused_recipient,
        table.a21.map(|holds| match holds {
            true => RefusedRecipient::RefuseRequest,
            false => RefusedRecipient::LeaveOut,
        }),
    );
    put(&mut assumed.spam_word, table.a8.map(|word| Some(word).filter(|word| !word.is_empty())));
    put(&mut assumed.known_reference, table.a15.map(|letter| letter.0));
    put(&mut assumed.duplicate_window, table.a17.map(|time| time.0));
    put(&mut assumed.lookup_lag, table.a20.map(|time| time.0));
}
