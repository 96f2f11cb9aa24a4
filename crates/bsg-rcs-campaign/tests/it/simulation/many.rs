//! Many runs, and what they came to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::drive::{Violation, run};
use super::world::Tallies;

/// Runs these seeds on so many threads; the lowest seed that violates something, if one does.
pub(super) fn run_all(from: u64, count: u64, threads: usize) -> Result<Tallies, String> {
    let next = AtomicU64::new(from);
    let sums = Mutex::new(Tallies::default());
    let found: Mutex<Option<(u64, String)>> = Mutex::default();
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= from + count || found.lock().unwrap().is_some() {
                return;
            }
            match guarded(seed, false) {
                Ok(tallies) => sums.lock().unwrap().add(tallies),
                Err(violation) => {
                    let mut found = found.lock().unwrap();
                    if found.as_ref().is_none_or(|(other, _)| seed < *other) {
                        *found = Some((seed, violation.what));
                    }
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    match found.into_inner().unwrap() {
        Some((seed, what)) => Err(story(seed, &what)),
        None => Ok(sums.into_inner().unwrap()),
    }
}

/// What a seed does, told in order.
fn story(seed: u64, what: &str) -> String {
    let again = guarded(seed, true);
    let trace = again.err().map(|violation| violation.trace).unwrap_or_default();
    if trace.is_empty() {
        return format!(
            "seed {seed}: {what} (no trace: it panicked, or depends on more than the seed)"
        );
    }
    format!("seed {seed}: {what}\n{}\nseed {seed}: {what}", trace.join("\n"))
}

/// A panic is a violation too.
fn guarded(seed: u64, traced: bool) -> Result<Tallies, Violation> {
    catch_unwind(AssertUnwindSafe(|| run(seed, traced))).unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation { what: format!("panic: {}", what.unwrap_or_default()), trace: Vec::new() })
    })
}

impl Tallies {
    fn add(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.sends += other.sends;
        self.faults += other.faults;
        self.lives += other.lives;
        self.crashes += other.crashes;
        self.callbacks += other.callbacks;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.undetermined += other.undetermined;
    }
}
