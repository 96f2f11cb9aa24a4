//! The receiver under load, forgeries and kills. The ordinary test run has small ones; `cargo xtask
//! prove callbacks` has the great ones, by the variable `ONSLAUGHT`, which multiplies.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use crate::database::Database;
use crate::load::{self, Known, accepted, post, runtime};
use crate::program::Running;
use crate::stage::Stage;

/// How many times as much as in an ordinary run.
fn times() -> usize {
    std::env::var("ONSLAUGHT").map_or(1, |text| text.parse().expect("a number"))
}

/// Recipients that the store has reports of, by their index.
fn told(stage: &Stage) -> BTreeSet<usize> {
    let store = Connection::open(stage.folder.path().join("store.db")).unwrap();
    let mut statement = store.prepare("SELECT idx FROM messages WHERE reports <> ''").unwrap();
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    rows.map(|row| usize::try_from(row.unwrap()).unwrap()).collect()
}

fn bodies(stage: &Stage) -> i64 {
    let store = Connection::open(stage.folder.path().join("store.db")).unwrap();
    store.query_row("SELECT count(*) FROM callbacks", [], |row| row.get(0)).unwrap()
}

/// Host and path of a receiver's URL.
fn parts(url: &str) -> (String, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    (address.to_owned(), format!("/{path}"))
}

#[test]
fn killed_under_load_it_has_everything_that_it_acknowledged() {
    let kills = 5 * times();
    let stage = Stage::new();
    let (_, known) = accepted(&stage, 20_000);
    let (first, url) = stage.webhook();
    let (address, path) = parts(&url);
    let requests: Arc<Vec<Vec<u8>>> =
        Arc::new(known.iter().map(|one| post(&address, &path, &one.report("delivered"))).collect());
    let runtime = runtime();
    let mut receiver = first;
    let (mut acknowledged, mut killed) = (BTreeSet::new(), 0);
    while killed < kills {
        let over = Arc::new(AtomicBool::new(false));
        // Each life begins elsewhere in the list; what comes again is a repetition.
        let from = killed * 379 % requests.len();
        let part: Vec<Vec<u8>> =
            requests[from..].iter().chain(&requests[..from]).cloned().collect();
        let (target, stop) = (address.clone(), Arc::clone(&over));
        let load =
            runtime.spawn(async move { load::send(&target, Arc::new(part), 64, stop).await });
        // It dies at another moment each time, while callbacks are under way.
        let moment = std::time::Duration::from_millis(40 + (killed as u64 * 67) % 200);
        assert!(!receiver.ended_within(moment), "it goes on under load");
        receiver.kill();
        killed += 1;
        over.store(true, Ordering::SeqCst);
        let outcome = runtime.block_on(load).unwrap();
        let kept = outcome.answered.iter().filter(|one| one.status == 200);
        acknowledged.extend(kept.map(|one| (one.place + from) % known.len()));
        receiver = stage.webhook_at(&address).0;
    }
    let told = told(&stage);
    let lost: Vec<_> = acknowledged.difference(&told).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(acknowledged.len() > kills, "there was a load: {}", acknowledged.len());
    let (acknowledged, told) = (acknowledged.len(), told.len());
    eprintln!("{kills} kills: {acknowledged} acknowledged, {told} in the store");
}

/// Pseudo-random numbers, the same each time.
fn noise(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// A callback that is not the platform's: random, or a right one with something wrong in it.
fn forgery(known: &[Known], next: &mut impl FnMut() -> u64) -> String {
    let one = &known[usize::try_from(next()).unwrap_or(0) % known.len()];
    let mut letters = |count: u64| -> String {
        let letter = |at: u64| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(at % 32) as usize]);
        (0..count).map(|_| letter(next())).collect()
    };
    let fake = |reference: String, phone: String| Known { id: one.id.clone(), phone, reference };
    let random = letters(32);
    match next() % 6 {
        // Nothing that means anything.
        0 => random,
        1 => fake(random, one.phone.clone()).report("delivered"),
        // The right reference for another number.
        2 => fake(one.reference.clone(), format!("38067{:07}", next() % 10_000_000)).report("read"),
        // One letter of it is another.
        3 => {
            let place = (next() % 32) as usize;
            let mut reference = one.reference.clone().into_bytes();
            reference[place] = if reference[place] == b'a' { b'b' } else { b'a' };
            fake(String::from_utf8(reference).unwrap(), one.phone.clone()).report("delivered")
        }
        // Cut, or in upper case.
        4 => fake(one.reference[..31].to_owned(), one.phone.clone()).report("delivered"),
        _ => one.report("delivered").replacen(&one.reference, &one.reference.to_uppercase(), 1),
    }
}

#[test]
fn forgeries_change_nothing() {
    let count = 5_000 * times();
    let stage = Stage::new();
    let (id, known) = accepted(&stage, 100);
    let before = stage.report(&id);
    let (_receiver, url) = stage.webhook();
    let (address, path) = parts(&url);
    let mut next = noise(7);
    let mut refused = 0;
    let runtime = runtime();
    let mut left = count;
    while left > 0 {
        let part = left.min(50_000);
        left -= part;
        let mut wrong = BTreeSet::new();
        let requests: Vec<Vec<u8>> = (0..part)
            .map(|place| {
                // Every second one without the secret, but right in all else.
                if place % 2 == 0 {
                    return post(&address, &path, &forgery(&known, &mut next));
                }
                wrong.insert(place);
                let guessed = format!("/callbacks/{:032x}", next());
                let one = &known[place % known.len()];
                post(&address, &guessed, &one.report("delivered"))
            })
            .collect();
        let sent = load::send(&address, Arc::new(requests), 64, load::never());
        let outcome = runtime.block_on(sent);
        for one in &outcome.answered {
            let expected = if wrong.contains(&one.place) { 404 } else { 200 };
            assert_eq!(one.status, expected, "request {}", one.place);
        }
        refused += wrong.len();
    }
    assert_eq!(stage.report(&id), before, "nothing is changed");
    assert!(told(&stage).is_empty(), "no report of anybody");
    let kept = bodies(&stage);
    assert!(kept <= 10_000, "set aside up to a bound: {kept}");
    eprintln!("{count} forgeries: {refused} refused at the door, {kept} bodies kept aside");
}

#[test]
#[ignore = "it needs more open files than some machines allow: `cargo xtask prove callbacks`"]
fn ten_thousand_idle_connections_keep_nobody_out() {
    let stage = Stage::new();
    let (_, known) = accepted(&stage, 10);
    let (receiver, url) = stage.webhook();
    let (address, path) = parts(&url);
    let idle: Vec<_> =
        (0..10_000).map(|_| std::net::TcpStream::connect(&address).unwrap()).collect();
    let requests = known.iter().map(|one| post(&address, &path, &one.report("delivered")));
    let sent = load::send(&address, Arc::new(requests.collect()), 1, load::never());
    let outcome = runtime().block_on(sent);
    assert!(outcome.answered.iter().all(|one| one.status == 200));
    let memory = receiver.memory_kib();
    assert!(memory < 256 * 1024, "{memory} KiB");
    eprintln!("{} idle connections: the receiver has {} MiB", idle.len(), memory / 1024);
    drop(idle);
}

/// A process of the same server that throws the body away: an example of the webhook crate, which
/// stands beside the program once it was built.
fn discard() -> (Running, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_bsg-rcs"));
    let example = program.parent().unwrap().join("examples/discard");
    let mut running = Running::start(&mut Command::new(example));
    let url = running.out.until("http://");
    (running, url)
}

/// Callbacks that a campaign's platform would send: a few reports of each, mixed.
fn mixed(known: &[Known], address: &str, path: &str) -> Arc<Vec<Vec<u8>>> {
    let mut next = noise(3);
    let mut bodies: Vec<(u64, String)> = Vec::new();
    for (place, one) in (0_u64..).zip(known) {
        // A message's reports are some hundred others apart.
        for (later, status) in (0_u64..).zip(["sent", "delivered"]) {
            bodies.push((place + later * 400 + next() % 200, one.report(status)));
        }
    }
    bodies.sort_by_key(|(at, _)| *at);
    Arc::new(bodies.iter().map(|(_, body)| post(address, path, body)).collect())
}

fn measure(stage: &Stage, store: &str, connections: usize) {
    // One connection has one commit a callback: that takes its time.
    let (_, known) = accepted(stage, if connections == 1 { 1500 } else { 90_000 });
    let parts_of: Vec<&[Known]> = known.chunks(known.len() / 3 + 1).collect();
    let (_receiver, url) = stage.webhook();
    let (address, path) = parts(&url);
    let (_discard, url) = discard();
    let (thrown, _) = parts(&url);
    let runtime = runtime();
    let (mut percents, mut kept_rates, mut longest) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts_of {
        let requests = mixed(part, &address, &path);
        let send = |address: &str| {
            let requests = Arc::clone(&requests);
            runtime.block_on(load::send(address, requests, connections, load::never()))
        };
        let (raw, kept) = (send(&thrown), send(&address));
        assert!(kept.answered.iter().all(|one| one.status == 200), "all are kept");
        let percent = kept.rate() * 100 / raw.rate().max(1);
        eprintln!(
            "{store}: {} a second kept, {} thrown away, {percent} %; p99 {} ms, median {} ms",
            kept.rate(),
            raw.rate(),
            kept.within(990).as_millis(),
            kept.within(500).as_millis()
        );
        percents.push(percent);
        kept_rates.push(kept.rate());
        longest.push(kept.within(990).as_millis());
    }
    percents.sort_unstable();
    kept_rates.sort_unstable();
    longest.sort_unstable();
    let middle = percents.len() / 2;
    eprintln!(
        "{store}, {connections} connections: {} % in the median, {} a second, p99 {} ms",
        percents[middle], kept_rates[middle], longest[middle]
    );
}

/// A receiver whose store has so many messages of another campaign, and the requests of one of its own.
fn receiver_beside(others: u64, connections: usize) -> impl FnMut() -> u128 {
    let stage = Stage::new();
    if others > 0 {
        stage.people(others);
        stage.plan();
    }
    let (_, known) = accepted(&stage, 60_000);
    let (running, url) = stage.webhook();
    let (address, path) = parts(&url);
    let mut left: Vec<_> =
        known.chunks(known.len() / 6 + 1).map(|part| mixed(part, &address, &path)).collect();
    move || {
        let _running = (&stage, &running);
        let requests = left.pop().expect("callbacks that were not sent yet");
        let sent = load::send(&address, requests, connections, load::never());
        let outcome = runtime().block_on(sent);
        assert!(outcome.answered.iter().all(|one| one.status == 200), "all are kept");
        outcome.rate()
    }
}

#[test]
#[ignore = "it measures: `cargo xtask bench` runs it alone and optimised"]
fn the_rate_does_not_fall_as_the_store_grows() {
    let others = std::env::var("OTHERS").unwrap_or_else(|_| "100000".into());
    let others = others.parse().expect("a number");
    let (mut small, mut great) = (receiver_beside(0, 256), receiver_beside(others, 256));
    // The first is the warm-up.
    let mut rates: Vec<(u128, u128)> = (0..6).map(|_| (small(), great())).skip(1).collect();
    for (small, great) in &rates {
        eprintln!("{small} a second into an empty store, {great} beside {others} messages");
    }
    rates.sort_unstable_by_key(|(small, great)| great * 1000 / small.max(&1));
    let (small, great) = rates[rates.len() / 2];
    eprintln!("beside {others} messages: {great} a second, {small} into an empty store");
}

#[test]
#[ignore = "it measures: `cargo xtask prove callbacks` runs it alone and optimised"]
fn how_many_are_kept_durably() {
    let said = std::env::var("CONNECTIONS").unwrap_or_else(|_| "64,256,512,1024".into());
    for connections in said.split(',').map(|count| count.parse().expect("a number")) {
        eprintln!("{connections} connections");
        let stage = Stage::new();
        measure(&stage, "sqlite", connections);
        if let Some(database) = Database::fresh() {
            let mut stage = Stage::new();
            stage.store.clone_from(&database.url);
            measure(&stage, "postgres", connections);
        }
    }
}
