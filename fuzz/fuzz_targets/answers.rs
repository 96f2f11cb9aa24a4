//! Answers: any body of any status is read, mapped, or refused with a reason; nothing panics.

#![no_main]

use bsg_rcs_domain::Amount;
use bsg_rcs_wire::generated as wire;
use bsg_rcs_wire::mapping::{incoming, places};
use bsg_rcs_wire::{Data, Kept, Maybe, Page, Refusal, masked, read, shown};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;

/// Reads a body as one thing and as a list of it, and maps what was read.
fn both<W: DeserializeOwned, T, E>(body: &[u8], map: impl Fn(&W) -> Result<T, E>) {
    if let Ok(Data { data: Some(one) }) = read::<Data<W>>(body) {
        let _ = map(&one);
    }
    if let Ok(page) = read::<Page<Maybe<W>>>(body) {
        let _ = (page.total(), page.limit());
        page.data.iter().filter_map(Maybe::get).for_each(|item| drop(map(item)));
    }
    if let Ok(page) = read::<Page<Kept<W>>>(body) {
        let _ = page.total();
        for item in &page.data {
            let _ = map(&item.value);
        }
    }
}

/// Foreign text is shown in one bounded line without long runs of digits, and amounts are read as they
/// are written.
fn texts(text: &str) {
    let line = shown(text, 100);
    assert!(!line.contains(char::is_control) && line.chars().count() < 2000);
    let run = |text: &str| text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    assert!(run(&masked(text)).unwrap_or(0) < 9);
    if let Ok(parsed) = Amount::parse(text) {
        assert_eq!(
            Amount::parse(&parsed.amount.to_string()).map(|again| again.amount),
            Ok(parsed.amount)
        );
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, body)) = bytes.split_first() else { return };
    match choice % 12 {
        0 => both(body, incoming::message),
        1 => both(body, incoming::campaign),
        2 => both(body, incoming::detail),
        3 => both(body, incoming::balance),
        4 => both(body, incoming::tariff),
        5 => both(body, incoming::stop_list_entry),
        6 => both(body, incoming::contact),
        7 => both(body, incoming::contact_list),
        8 => drop(read::<wire::Token>(body)),
        9 => {
            let _ = read::<Data<wire::DryRun>>(body);
            let _ = incoming::names_a_message(body);
        }
        10 => texts(&String::from_utf8_lossy(body)),
        _ => {
            let refusal = Refusal::read(422, body);
            let _ = refusal.to_string();
            for fault in &refusal.faults {
                if let Some(field) = &fault.field {
                    let _ = (places::place(field), places::recipient(field));
                }
            }
        }
    }
});
