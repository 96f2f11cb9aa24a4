//! The simulation: one seed decides a world, a campaign and everything that goes wrong; the runner
//! and the client are the real ones, against the sandbox's engine, on virtual time, in one thread.
//!
//! After each run the invariants are held against what the platform itself has: nobody has two
//! messages; whoever is reported as accepted has one, whoever is rejected has none, and nobody is
//! absent; what was reported once is not lost; what is told was written before; no request has more
//! recipients than it may or a number twice; nothing is sent once the platform is known to have
//! paused; the charges are those that we say.
//!
//! | file | tells |
//! | --- | --- |
//! | `scene` | what a seed decides: the world, the campaign, how bad everything is |
//! | `world` | what all share: the platform, its time, what is under way, the record |
//! | `platform` | the engine behind the six calls that campaigns need |
//! | `network`, `storage`, `clock` | what the runner is handed, and how it fails |
//! | `process` | one life of the program: plan, apply, track |
//! | `drive` | lives, deaths, callbacks, top-ups; the calm end |
//! | `verdict` | the judgement |
//! | `many` | many seeds, and the story of one that fails |
//!
//! Only the ids and keys of campaigns are not of the seed; nothing depends on them.

mod chance;
mod clock;
mod drive;
mod many;
mod network;
mod platform;
mod process;
mod scene;
mod storage;
mod verdict;
mod world;

use many::run_all;

/// Seeds of an ordinary test run.
const SEEDS: u64 = 100;

#[test]
fn whatever_goes_wrong_nobody_is_messaged_twice_and_nobody_is_forgotten() {
    if let Err(story) = run_all(0, SEEDS, 1) {
        panic!("{story}");
    }
}

/// A stop left a batch unknown; nobody asked about its messages again, and the bill stayed short.
#[test]
fn a_batch_that_a_stop_leaves_unknown_is_billed() {
    if let Err(story) = run_all(700_005_363, 1, 1) {
        panic!("{story}");
    }
}

/// `SEEDS` of them from `FROM` on: `cargo xtask prove simulate`.
#[test]
#[ignore = "as long as one likes"]
#[expect(clippy::print_stdout, reason = "its numbers are for a person")]
#[expect(clippy::disallowed_methods, reason = "how fast it was is for a person, too")]
fn many_seeds() {
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = usize::try_from(number("THREADS", threads.try_into().unwrap())).unwrap();
    let (seeds, from) = (number("SEEDS", 1000), number("FROM", 0));
    let began = std::time::Instant::now();
    match run_all(from, seeds, threads) {
        Ok(tallies) => {
            let millis = u64::try_from(began.elapsed().as_millis()).unwrap().max(1);
            println!("{seeds} seeds from {from} on: no violation");
            println!("{} seeds a second on {threads} threads", seeds * 1000 / millis);
            println!("{tallies:?}");
        }
        Err(story) => panic!("{story}"),
    }
}
