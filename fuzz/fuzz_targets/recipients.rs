//! Lines of recipients: none panics, each is counted once, and what is kept was never kept before.
#![no_main]

use std::collections::HashSet;

use bsg_rcs_domain::recipients::{Intake, Verdict};
use bsg_rcs_domain::{Country, Msisdn};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut intake = Intake::default();
    let mut kept = HashSet::new();
    let default = Country::parse(text.get(..2).unwrap_or("UA")).ok();
    for written in text.lines() {
        let (number, label) = match written.split_once(',') {
            Some((number, label)) => (number, Some(label)),
            None => (written, None),
        };
        if let Verdict::Kept(recipient) = intake.take(number, label) {
            assert!(kept.insert(recipient.number));
            assert!((9..=15).contains(&recipient.number.digits().to_string().len()));
            let again = Msisdn::normalise(&recipient.number.digits().to_string());
            assert_eq!(again, Ok(recipient.number));
            let _ = (Country::of(recipient.number), recipient.number.plausibility());
        }
        let _ = Msisdn::normalise_in(number, default);
    }
    let counts = intake.counts();
    assert_eq!(counts.read, counts.kept + counts.duplicates + counts.refused);
    assert_eq!(counts.kept, kept.len() as u64);
});
