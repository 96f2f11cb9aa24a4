//! What a configuration file changes, and how it is refused.

use super::file::{
    AccountTable, AgentTable, CallbacksTable, DelaysTable, FatesTable, File, PriceTable, RuleTable,
    TariffTable,
};
use super::*;
use bsg_rcs_sandbox_engine::{
    BarredRecipient, Delay, DryRunAnswer, Fate, KnownReference, Owner, RefusedRecipient,
};

const EXAMPLE: &str = include_str!("../../../../docs/sandbox.toml");

/// Every assumption, turned into its negation.
const EVERY_ASSUMPTION: &str = r#"
[assumptions]
A1 = false
A2 = false
A3 = false
A4 = false
A5 = false
A6 = false
A8 = "casino"
A9 = false
A10 = false
A12 = false
A13 = false
A14 = false
A15 = "c"
A16 = false
A17 = "0s"
A19 = false
A20 = "3s"
A21 = false
A22 = false
stop_fails_unsent = false
"#;

/// The places of the faults, `line:column`, with the words that their reasons hold.
#[track_caller]
fn refused(text: &str, expected: &[(&str, &str)]) {
    let faults = SandboxConfig::from_toml(text).unwrap_err();
    let lines: Vec<String> = faults.to_string().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), expected.len(), "{faults}");
    for (line, (place, reason)) in lines.iter().zip(expected) {
        assert!(line.starts_with(&format!("{place}: ")) && line.contains(reason), "{line}");
    }
}

#[track_caller]
fn read(text: &str) -> SandboxConfig {
    match SandboxConfig::from_toml(text) {
        Ok(config) => config,
        Err(faults) => panic!("{faults}"),
    }
}

#[test]
fn the_example_is_exactly_the_default() {
    let mut config = read(EXAMPLE);
    let default = SandboxConfig { start: config.start, ..SandboxConfig::default() };
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    config.listen = default.listen;
    assert_eq!(config, default);
    assert_eq!(read("").world, default.world);
}

#[test]
fn the_example_shows_every_key() {
    let assumptions = EVERY_ASSUMPTION.lines().filter_map(|line| line.split(" = ").next());
    let keys = [
        File::KEYS,
        AccountTable::KEYS,
        AgentTable::KEYS,
        PriceTable::KEYS,
        TariffTable::KEYS,
        FatesTable::KEYS,
        RuleTable::KEYS,
        DelaysTable::KEYS,
        CallbacksTable::KEYS,
    ];
    let keys = keys.into_iter().flatten().copied().chain(assumptions.map(str::trim));
    for key in keys.filter(|key| !key.is_empty() && !key.starts_with('[')) {
        let shows = |line: &str| {
            let line = line.trim_start_matches("# ");
            line.strip_prefix(key).is_some_and(|rest| rest.starts_with(" ="))
                || line == format!("[{key}]")
                || line == format!("[[{key}]]")
                || line.contains(&format!("{key} = \""))
        };
        assert!(EXAMPLE.lines().any(shows), "{key}");
    }
    for word in Fate::words() {
        assert!(EXAMPLE.contains(word), "{word}");
    }
}

#[test]
fn a_file_changes_what_it_says_and_nothing_else() {
    let config = read(
        r#"
        listen = "127.0.0.1:9000"
        seed = 7
        speed = 0.5
        start = 2026-01-05 09:00:00
        state = "here.journal"
        oddities = true
        token_life = "1h"
        delays = { sent = "1s", read = [1, 2_000] }
        callbacks = { attempts = 1 }
        "#,
    );
    let default = SandboxConfig::default();
    assert_eq!(config.listen, "127.0.0.1:9000".parse().unwrap());
    assert_eq!((config.seed, config.speed), (7, "0.5".parse().unwrap()));
    assert_eq!(config.start.to_string(), "2026-01-05 09:00:00");
    assert_eq!(config.state.as_deref(), Some(std::path::Path::new("here.journal")));
    assert!(config.oddities);
    assert_eq!(config.token_life, Duration::from_secs(3600));
    assert_eq!(config.callback_retries, CallbackRetries { attempts: 1, ..Default::default() });
    let delays = config.world.delays;
    assert_eq!((delays.sent, delays.read), (Delay::between(1000, 1000), Delay::between(1, 2000)));
    assert_eq!(delays.delivered, default.world.delays.delivered);
    assert_eq!(config.world.accounts, default.world.accounts);
}

#[test]
fn a_list_is_the_whole_list_and_agents_follow_the_accounts() {
    let config = read(
        r#"
        currency = "USD"
        [[accounts]]
        key = "test_mine"
        balance = "5"
        test_mode = true
        [[accounts]]
        key = "live_mine"
        balance = "0.0000001"
        credit = "2.5"
        callback_url = "http://127.0.0.1:9/"
        "#,
    );
    let world = &config.world;
    let keys: Vec<_> = world.accounts.iter().map(|account| &*account.key).collect();
    assert_eq!(keys, ["test_mine", "live_mine"]);
    assert_eq!(world.accounts[1].balance.to_string(), "0.0000001");
    assert_eq!(world.accounts[1].callback_url.as_deref(), Some("http://127.0.0.1:9/"));
    assert_eq!(world.prices.currency().as_str(), "USD");
    let mine = Owner::Account("live_mine".into());
    let owners: Vec<_> = world.agents.iter().map(|agent| &agent.owner).collect();
    assert_eq!(owners, [&mine, &mine, &mine, &Owner::Platform]);

    let config = read("[[agents]]\nname = \"mine\"\n[[agents]]\nname = \"x\"\nplatform = true");
    assert_eq!(config.world.agents[0].owner, Owner::Account("live_sandbox".into()));
    assert_eq!(config.world.agents[1].owner, Owner::Platform);
    assert_eq!(config.world.agents.len(), 2);
}

#[test]
fn every_assumption_has_its_switch() {
    let config = read(EVERY_ASSUMPTION);
    let expected = bsg_rcs_sandbox_engine::Assumptions {
        refused_as_unprocessable: false,
        carousel_has_its_price: false,
        sms_paid_by_part: false,
        resumes_by_call: false,
        read_after_delivered: false,
        no_rcs_is_no_service: false,
        spam_word: Some("casino".into()),
        callbacks_retried: false,
        clicks_to_account_url: false,
        sms_keeps_reference: false,
        dry_run_answer: DryRunAnswer::NoContent,
        past_start_refused: false,
        known_reference: KnownReference::SendAgain,
        repeated_number_refused: false,
        duplicate_window: Duration::ZERO,
        barred_recipient: BarredRecipient::Refused,
        lookup_lag: Duration::from_secs(3),
        refused_recipient: RefusedRecipient::LeaveOut,
        unknown_fields_ignored: false,
        stop_fails_unsent: false,
    };
    assert_eq!(config.world.assumptions, expected);
    let b = read("assumptions.A15 = \"b\"");
    assert_eq!(b.world.assumptions.known_reference, KnownReference::RejectMessage);
}

#[test]
fn rules_of_fates_come_in_their_order() {
    let config = read(
        "[fates]\nbuiltin = false\nrules = [\n{ number = \"*77\", fate = \"no_rcs\" },\n\
         { number = \"49*\", fate = \"silent\" }]",
    );
    let fate = |digits| config.world.fates.of(bsg_rcs_domain::Msisdn::from_u64(digits).unwrap());
    assert_eq!(fate(491_701_234_577), Fate::NoRcs);
    assert_eq!(fate(491_701_234_593), Fate::Silent);
    assert_eq!(fate(380_661_231_293), Fate::Delivered);
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_where() {
    refused(
        r#"sped = 60
oddities = "yes"
currency = "EURO"
speed = -1
token_life = "soon"

[[accounts]]
key = "live_mine"
balance = 10.5

[[accounts]]
key = "live_mine"
balance = "1.00000001"
verified = ["nobody"]

[[agents]]
name = "agent"
account = "live_other"
countries = ["UA", "XX"]

[[prices]]
country = "*"
text = "-1"
[[prices]]
country = "*"
card = "0.1"
[[prices]]
country = "*"
card = "0.2"

[[tariffs]]
code = 9

[fates]
rules = [{ number = "x", fate = "delivered" }, { number = "*1", fate = "lost" }]

[delays]
sent = ["2s", "1s"]

[assumptions]
A11 = true
A15 = "d"
"#,
        &[
            ("1:1", "sped: no such key here, expected one of `listen`, `seed`, `speed`"),
            ("2:12", "oddities: invalid type: string \"yes\", expected a boolean"),
            ("3:12", "currency: "),
            ("4:9", "speed: a speed is 0 or a positive number"),
            ("5:14", "token_life: write a time"),
            ("9:11", "accounts[0].balance: money is exact: write it in quotes, \"10.5\""),
            ("12:7", "accounts[1].key: another account has this key already"),
            ("13:11", "accounts[1].balance: write at most seven decimals and no sign"),
            ("14:12", "accounts[1].verified: "),
            ("18:11", "agents[0].account: no account has this key"),
            ("19:13", "agents[0].countries: no country is called XX"),
            ("23:8", "prices[0].text: write at most seven decimals and no sign"),
            ("28:11", "prices[2].country: card has a price here already"),
            ("31:1", "tariffs[0]: `name` is missing"),
            ("35:21", "fates.rules[0].number: a pattern has digits"),
            ("35:72", "fates.rules[1].fate: no such fate; there are delivered, read"),
            ("38:8", "delays.sent: the least comes first"),
            ("41:1", "assumptions.A11: no such key here, expected one of `A1`, `A2`, `A3`"),
            ("42:7", "assumptions.A15: write \"a\", \"b\" or \"c\""),
        ],
    );
}

#[test]
fn what_is_no_toml_is_refused_where_it_stops_to_be() {
    refused("seed = 1\nseed = 2\n", &[("2:1", "duplicate key")]);
    refused("[[accounts]]\nkey = \"a\"\nkey = \"b\"\n", &[("3:1", "duplicate key")]);
    refused("seed = \n", &[("1:8", "")]);
    refused("[[accounts]]\nbalance = \"1\"\n", &[("1:1", "accounts[0]: `key` is missing")]);
    refused(
        "[[accounts]]\nkey = \"a\"\nbalance = \"1\"\nverified = []",
        &[("1:1", "accounts[0]: only an account with test_mode")],
    );
    refused("accounts = []", &[("1:12", "there must be an account")]);
    refused(
        "accounts = 1",
        &[("1:12", "accounts: invalid type: integer `1`, expected a sequence")],
    );
    refused("[fates.rules]\n", &[("1:1", "fates.rules: invalid type: map, expected a sequence")]);
    refused("delays.burst = 0", &[("1:16", "from 1 to 5000")]);
    refused("[[accounts]]\nkey = \"ключ\"\nbalance = 1e-7", &[("3:11", "\"0.0000001\"")]);
    refused("prices = [{ country = \"*\", text = 1 }]", &[("1:35", "write money in quotes")]);
}

#[test]
fn a_speed_is_a_decimal_number() {
    for (text, wall, virtual_ms) in
        [("0", 1000, 0), ("1", 1000, 1000), ("60", 20, 1200), ("0.5", 3, 1)]
    {
        let speed: Speed = text.parse().unwrap();
        assert_eq!(speed.scale(Duration::from_millis(wall)).as_millis(), virtual_ms, "{text}");
    }
    for text in ["", "-1", "fast", "0.00000001"] {
        assert_eq!(text.parse::<Speed>(), Err(InvalidSpeed), "{text}");
    }
    assert!(Speed::VIRTUAL.is_virtual() && !Speed::REAL_TIME.is_virtual());
}
