//! Answers: any body of any status is read, mapped, or refused with a reason; nothing panics.

#![no_main]

use bsg_rcs_wire::generated as wire;
use bsg_rcs_wire::mapping::{incoming, places};
use bsg_rcs_wire::{Data, Kept, Page, Refusal, read};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;

/// Reads a body as one thing and as a list of it, and maps what was read.
fn both<W: DeserializeOwned, T, E>(body: &[u8], map: impl Fn(&W) -> Result<T, E>) {
    if let Ok(Data { data: Some(one) }) = read::<Data<W>>(body) {
        let _ = map(&one);
    }
    if let Ok(page) = read::<Page<Kept<W>>>(body) {
        let _ = page.total();
        for item in &page.data {
            let _ = map(&item.value);
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, body)) = bytes.split_first() else { return };
    match choice % 11 {
        0 => both(body, incoming::message),
        1 => both(body, incoming::campaign),
        2 => both(body, incoming::detail),
        3 => both(body, incoming::balance),
        4 => both(body, incoming::tariff),
        5 => both(body, incoming::stop_list_entry),
        6 => both(body, incoming::contact),
        7 => both(body, incoming::contact_list),
        8 => drop(read::<wire::Token>(body)),
        9 => drop(read::<Data<wire::DryRun>>(body)),
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
