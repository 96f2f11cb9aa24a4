//! Scripts of faults: a request or a callback goes wrong in the way that is asked for.
//!
//! A script is asked for a verdict and does nothing itself: time and chance are handed in. Delays of requests pass on
//! the wall clock, where clients have their timeouts; delays of callbacks pass on the platform's.

use std::time::Duration;

use serde_json::{Value, json};

use super::fault_rule::{CallbackVerdict, RequestFault, Rule, Which, Wrong};

/// The rules that are in force.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: Vec<Counted>,
    dice: u64,
}

/// A rule, and what it has met so far.
#[derive(Debug)]
struct Counted {
    rule: Rule,
    /// Requests or callbacks that it is for.
    seen: u64,
    /// Those among them that went wrong by it.
    hit: u64,
    /// When the interval of a limit began, and how many came in it.
    interval: (Duration, u64),
}

impl Script {
    /// Replaces the rules; counting begins anew. The seed decides what a rate hits.
    pub(crate) fn replace(&mut self, rules: Vec<Rule>, seed: u64) {
        let counted = |rule| Counted { rule, seen: 0, hit: 0, interval: (Duration::ZERO, 0) };
        *self = Self { rules: rules.into_iter().map(counted).collect(), dice: seed };
    }

    /// The rules as they were written, with what each has met.
    pub(crate) fn rules(&self) -> Vec<Value> {
        let shown = |counted: &Counted| {
            let mut rule = counted.rule.written.clone();
            rule["seen"] = json!(counted.seen);
            rule["hit"] = json!(counted.hit);
            rule
        };
        self.rules.iter().map(shown).collect()
    }

    /// What goes wrong with a request, if anything, at a moment of the wall clock. Its path may be written as the
    /// document writes it, too.
    pub(crate) fn request(
        &mut self,
        method: &str,
        paths: [&str; 2],
        at: Duration,
    ) -> Option<RequestFault> {
        self.next(
            |rule| rule.is_for_request(method, paths),
            at,
            |wrong| match wrong {
                Wrong::Request(fault) => Some(fault.clone()),
                _ => None,
            },
        )
    }

    /// What becomes of a callback.
    pub(crate) fn callback(&mut self) -> CallbackVerdict {
        let verdict = self.next(Rule::is_for_callbacks, Duration::ZERO, |wrong| match wrong {
            Wrong::Callback(verdict) => Some(*verdict),
            _ => None,
        });
        verdict.unwrap_or(CallbackVerdict::Post)
    }

    /// Counts for every rule that this is for, and finds the first whose turn it is.
    fn next<T>(
        &mut self,
        is_for: impl Fn(&Rule) -> bool,
        at: Duration,
        verdict: impl Fn(&Wrong) -> Option<T>,
    ) -> Option<T> {
        let mut found = None;
        for counted in self.rules.iter_mut().filter(|counted| is_for(&counted.rule)) {
            let has_turn = counted.has_turn(at, &mut self.dice);
            if has_turn && found.is_none() {
                counted.hit += 1;
                found = verdict(&counted.rule.wrong);
            }
        }
        found
    }
}

impl Counted {
    fn has_turn(&mut self, at: Duration, dice: &mut u64) -> bool {
        self.seen += 1;
        if let Wrong::Request(RequestFault::Limited { count, per }) = &self.rule.wrong {
            let (begun, came) = &mut self.interval;
            if *came == 0 || at.saturating_sub(*begun) >= *per {
                (*begun, *came) = (at, 0);
            }
            *came += 1;
            return *came > *count;
        }
        match self.rule.which {
            Which::Every => true,
            Which::Nth(nth) => nth.get() == self.seen,
            Which::Share(ten_millionths) => roll(dice) % 10_000_000 < ten_millionths,
        }
    }
}

/// A step of SplitMix64.
fn roll(dice: &mut u64) -> u64 {
    *dice = dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *dice;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(rules: Value) -> Script {
        let mut script = Script::default();
        let rules = Rule::script(rules.to_string().as_bytes(), |_, _| true).unwrap();
        script.replace(rules, 7);
        script
    }

    fn ask(script: &mut Script, at: u64) -> Option<RequestFault> {
        script.request("GET", ["/api/x", ""], Duration::from_millis(at))
    }

    #[test]
    fn a_callback_gets_one_verdict_and_nothing_else_happens() {
        for (what, verdict) in [
            (json!("drop"), CallbackVerdict::Drop),
            (json!("repeat"), CallbackVerdict::Twice),
            (json!("reorder"), CallbackVerdict::HoldForNext),
            (json!({ "delay": "3s" }), CallbackVerdict::Postpone(Duration::from_secs(3))),
        ] {
            let mut script = script(json!([{ "on": "callback", "nth": 2, "do": what }]));
            let verdicts = [script.callback(), script.callback(), script.callback()];
            assert_eq!(verdicts, [CallbackVerdict::Post, verdict, CallbackVerdict::Post]);
            assert_eq!(script.rules()[0]["seen"], 3);
            assert_eq!(script.rules()[0]["hit"], 1);
        }
    }

    #[test]
    fn a_rate_hits_its_share_and_the_same_with_the_same_seed() {
        let hits = || {
            let mut script = script(json!([{ "on": "GET /api/x", "rate": 0.05, "do": "garble" }]));
            (0..10_000).map(|_| ask(&mut script, 0).is_some()).collect::<Vec<_>>()
        };
        let hit = hits().into_iter().filter(|hit| *hit).count();
        assert!((400..600).contains(&hit), "{hit}");
        assert_eq!(hits(), hits());
        let mut never = script(json!([{ "on": "GET /api/x", "rate": 0, "do": "garble" }]));
        let mut always = script(json!([{ "on": "GET /api/x", "rate": 1.0, "do": "garble" }]));
        assert!((0..100).all(|_| ask(&mut never, 0).is_none() && ask(&mut always, 0).is_some()));
    }

    #[test]
    fn a_limit_lets_so_many_pass_in_each_interval() {
        let mut script = script(json!([{ "on": "GET /api/x", "do": { "limit": "2/s" } }]));
        let passed: Vec<_> = [0, 10, 20, 999, 1000, 1001, 1002, 5000]
            .into_iter()
            .map(|at| ask(&mut script, at).is_none())
            .collect();
        assert_eq!(passed, [true, true, false, false, true, true, false, true]);
    }
}
