//! Dedup: output unique, order kept, idempotent, independent of how a number was written.

use std::collections::HashSet;

use bsg_rcs_domain::recipients::{Intake, Verdict};
use bsg_rcs_domain::{Country, Msisdn};
use proptest::prelude::*;

/// A number, written in one of the ways that people use.
fn written(number: u64, way: u8) -> String {
    let digits = number.to_string();
    match way % 6 {
        0 => digits,
        1 => format!("+{digits}"),
        2 => format!("00{digits}"),
        3 => format!(" {} ({}) {} ", &digits[..3], &digits[3..5], &digits[5..]),
        4 => format!("+{}-{}", &digits[..4], &digits[4..]),
        _ => format!("{}.{}", &digits[..2], &digits[2..]),
    }
}

fn kept(lines: &[String]) -> Vec<u64> {
    let mut intake = Intake::default();
    let keep = |text: &String| match intake.take(text, None) {
        Verdict::Kept(recipient) => Some(recipient.number.as_u64()),
        Verdict::Duplicate | Verdict::Refused(_) => None,
    };
    lines.iter().filter_map(keep).collect()
}

/// Numbers from a range narrow enough to repeat.
fn numbers() -> impl Strategy<Value = Vec<(u64, u8)>> {
    prop::collection::vec((380_660_000_000_u64..380_660_000_040, any::<u8>()), 0..120)
}

proptest! {
    #[test]
    fn the_output_is_the_input_without_repetition_in_the_order_of_first_occurrence(list in numbers()) {
        let lines: Vec<_> = list.iter().map(|(number, way)| written(*number, *way)).collect();
        let mut seen = HashSet::new();
        let expected: Vec<_> = list.iter().map(|(n, _)| *n).filter(|n| seen.insert(*n)).collect();
        prop_assert_eq!(kept(&lines), expected);
    }

    #[test]
    fn the_set_of_outputs_is_the_set_of_inputs(list in numbers()) {
        let lines: Vec<_> = list.iter().map(|(number, way)| written(*number, *way)).collect();
        let inputs: HashSet<u64> = list.iter().map(|(number, _)| *number).collect();
        prop_assert_eq!(kept(&lines).into_iter().collect::<HashSet<_>>(), inputs);
    }

    #[test]
    fn how_a_number_is_written_makes_no_difference(list in numbers(), other_way in any::<u8>()) {
        let one: Vec<_> = list.iter().map(|(number, way)| written(*number, *way)).collect();
        let other: Vec<_> =
            list.iter().map(|(number, way)| written(*number, way.wrapping_add(other_way))).collect();
        prop_assert_eq!(kept(&one), kept(&other));
    }

    #[test]
    fn deduplicating_twice_changes_nothing(list in numbers()) {
        let lines: Vec<_> = list.iter().map(|(number, way)| written(*number, *way)).collect();
        let once = kept(&lines);
        let again: Vec<_> = once.iter().map(u64::to_string).collect();
        prop_assert_eq!(kept(&again), once);
    }

    #[test]
    fn every_line_is_counted_once_and_never_a_panic(lines in prop::collection::vec(any::<String>(), 0..60)) {
        let mut intake = Intake::default();
        for text in &lines {
            let _ = intake.take(text, Some(text));
        }
        let counts = intake.counts();
        prop_assert_eq!(counts.read, lines.len() as u64);
        prop_assert_eq!(counts.read, counts.kept + counts.duplicates + counts.refused);
    }

    #[test]
    fn what_is_kept_is_9_to_15_digits(text in "[+0-9 ().-]{0,24}") {
        if let Ok(number) = Msisdn::normalise(&text) {
            prop_assert!((9..=15).contains(&number.as_u64().to_string().len()));
        }
    }
}

#[test]
fn the_first_occurrence_wins() {
    let mut intake = Intake::default();
    let _ = intake.take("380661231231", Some("first"));
    let _ = intake.take("garbage", None);
    assert_eq!(intake.take("+380661231231", None), Verdict::Duplicate);
}

#[test]
fn a_label_of_65_characters_is_refused_with_its_rule() {
    let mut intake = Intake::default();
    let verdict = intake.take("380661231231", Some(&"ä".repeat(65)));
    assert!(matches!(verdict, Verdict::Refused(why) if why.rule().id == "RCPT-LABEL"));
    // The number was not kept: a later good line is the first.
    let verdict = intake.take("380661231231", Some(&"ä".repeat(64)));
    assert!(matches!(verdict, Verdict::Kept(_)));
}

#[test]
fn what_is_kept_of_a_recipient_is_bounded() {
    let mut intake = Intake::default();
    for line in 1..=100_000 {
        let _ = intake.take(&(380_000_000_000_u64 + line).to_string(), None);
    }
    assert!((8..16).contains(&(intake.memory() / 100_000)), "{}", intake.memory());
}

#[test]
fn a_national_number_is_doubled_by_its_international_form() {
    let mut intake = Intake::with_default_country(Country::parse("UA").ok());
    assert!(matches!(intake.take("066 123 12 31", None), Verdict::Kept(_)));
    assert_eq!(intake.take("+380661231231", None), Verdict::Duplicate);
    assert!(matches!(intake.take("066 123 12", None), Verdict::Refused(_)));
}
