//! A storm: processes are killed at random moments and started again, on a line that fails, until
//! so many were killed; then one last run, and the platform's own count.
//!
//! The ordinary test run has a small storm for each store; `cargo xtask prove` has the great ones,
//! set by these variables: `STORM_RECIPIENTS`, `STORM_KILLS`, `STORM_SEED`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::database::Database;
use crate::money::ten_millionths;
use crate::program::Running;
use crate::stage::{Stage, delivered};

/// Sends that the fault script has something for; what comes later goes through.
const SCRIPTED: u64 = 400;

/// What is unknown settles soon here, and the leases of the dead are over soon: in 40 seconds.
const SOON: [&str; 5] = ["--request-timeout", "2s", "--settle", "2s", "--retry-held"];

/// What a storm is like.
struct Storm {
    recipients: u64,
    kills: u64,
    workers: usize,
    chance: Mutex<u64>,
    killed: AtomicU64,
    /// Where the receiver of callbacks is started again and again: what is under way to it arrives.
    receiver: String,
}

impl Storm {
    fn new(recipients: u64, kills: u64, workers: usize) -> Self {
        let set = |name: &str, otherwise| {
            std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
        };
        let seed = set("STORM_SEED", 7);
        Self {
            recipients: set("STORM_RECIPIENTS", recipients),
            kills: set("STORM_KILLS", kills),
            workers,
            chance: Mutex::new(seed),
            killed: AtomicU64::new(0),
            receiver: free_address(),
        }
    }

    /// A number below `below`.
    fn below(&self, below: u64) -> u64 {
        let mut state = self.chance.lock().unwrap();
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % below
    }

    fn is_over(&self) -> bool {
        self.killed.load(Ordering::SeqCst) >= self.kills
    }

    /// What goes wrong on the line, send by send and question by question.
    fn faults(&self) -> Value {
        let mut script = Vec::new();
        for nth in 1..=SCRIPTED {
            let fate = match self.below(10) {
                0 => json!("drop_before"),
                1 => json!("drop_after"),
                2 => json!({ "status": 503 }),
                3 => json!("garble"),
                _ => json!({ "delay": "400ms" }),
            };
            script.push(json!({ "on": "POST /api/campaigns/rcs/send", "nth": nth, "do": fate }));
            if self.below(20) == 0 {
                let fate = if self.below(2) == 0 { json!("drop_after") } else { json!("garble") };
                script.push(json!({ "on": "GET /api/messages", "nth": nth, "do": fate }));
            }
        }
        json!(script)
    }

    /// Lets a process live for a while, unless it ends by itself; whether it was killed.
    fn let_live(&self, mut running: Running, longest: u64) -> bool {
        let life = Duration::from_millis(self.below(longest));
        if running.ended_within(life) {
            return false;
        }
        running.kill();
        self.killed.fetch_add(1, Ordering::SeqCst);
        true
    }
}

/// An address of this machine where nobody listens.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// The sandbox of a storm: it runs on real time and remembers requests for a second only.
fn stage() -> Stage {
    Stage::of("[assumptions]\nA17 = \"1s\"\n", &["--speed", "1"])
}

/// Plans, in a process that is killed again and again until one comes through.
fn plan(storm: &Storm, stage: &Stage) -> String {
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    for _ in 0..storm.kills / 10 {
        storm.let_live(stage.start(&plan), 300);
    }
    let last = stage.run(&[&plan[..], &["--output", "json"]].concat());
    if last.code == Some(0) {
        return last.json()["campaign"].as_str().unwrap().to_owned();
    }
    // One came through before it was killed: its plan is recognised.
    let words = last.expect(3, "of the last 24 hours has the same message").stderr.clone();
    words.split(' ').nth(2).unwrap().to_owned()
}

/// Applies with some workers, and receives callbacks, until enough were killed.
fn rage(storm: &Storm, stage: &Stage, id: &str, restart: impl Fn() + Sync) {
    let apply = [&["campaign", "apply", id, "--wait"][..], &SOON].concat();
    std::thread::scope(|scope| {
        for _ in 0..storm.workers {
            scope.spawn(|| {
                while !storm.is_over() {
                    storm.let_live(stage.start(&apply), 900);
                }
            });
        }
        scope.spawn(|| {
            while !storm.is_over() {
                let (webhook, _) = stage.webhook_at(&storm.receiver);
                storm.let_live(webhook, 1500);
                restart();
            }
        });
    });
}

/// Everything is quiet again: one more run, and what the platform has is what is reported.
fn settle(storm: &Storm, stage: &Stage, id: &str) {
    stage.post("/sandbox/faults", &json!([]));
    let (webhook, _) = stage.webhook_at(&storm.receiver);
    let mut apply = [&["campaign", "apply", id][..], &SOON].concat();
    // What was tried three times when the storm ended is held by one run, and taken up by the next.
    let first = stage.run(&apply);
    if first.code != Some(5) {
        first.expect(0, "");
    }
    stage.run(&apply).expect(0, "");
    stage.advance("100h");
    apply.push("--wait");
    let report = stage.json(&apply);
    stage.expect_each_once(delivered(storm.recipients));
    let counts = ["accepted", "rejected", "undetermined", "pending", "never_told"];
    let counts = counts.map(|name| report[name].as_u64().unwrap());
    assert_eq!(counts, [storm.recipients, 0, 0, 0, 0], "{report}");
    assert_eq!((&report["state"], report.get("differences")), (&json!("done"), None), "{report}");
    let balance = &stage.get("/sandbox/state")["accounts"][0]["balance"];
    let spent = ten_millionths(&json!("1000.0000000")) - ten_millionths(balance);
    assert_eq!(ten_millionths(&report["billed"]), spent);
    drop(webhook);
    let killed = storm.killed.load(Ordering::SeqCst);
    assert!(killed >= storm.kills, "only {killed} were killed");
    eprintln!("{killed} processes were killed");
}

/// The whole of a storm: planned, raged through, settled.
fn brew(storm: &Storm, stage: &Stage, restart: impl Fn() + Sync) {
    stage.people(storm.recipients);
    let id = plan(storm, stage);
    stage.post("/sandbox/faults", &storm.faults());
    rage(storm, stage, &id, restart);
    settle(storm, stage, &id);
}

#[test]
fn one_worker_on_sqlite() {
    brew(&Storm::new(10_000, 12, 1), &stage(), || {});
}

#[test]
fn four_workers_on_postgres() {
    let Some(database) = Database::fresh() else { return };
    let mut stage = stage();
    stage.store.clone_from(&database.url);
    brew(&Storm::new(20_000, 16, 4), &stage, || {});
}

/// The same, and the server dies in the middle, again and again.
#[test]
#[ignore = "it restarts the server of all tests: `cargo xtask prove` runs it alone"]
fn four_workers_on_a_postgres_that_dies() {
    let Some(database) = Database::fresh() else { return };
    let mut stage = stage();
    stage.store.clone_from(&database.url);
    let storm = Storm::new(20_000, 40, 4);
    let restarts = AtomicU64::new(0);
    brew(&storm, &stage, || {
        if storm.below(4) == 0 {
            database.restart();
            restarts.fetch_add(1, Ordering::SeqCst);
        }
    });
    let restarts = restarts.load(Ordering::SeqCst);
    assert!(restarts > 0, "the server never died");
    eprintln!("the server died {restarts} times");
}
