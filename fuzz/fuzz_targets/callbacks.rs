//! Callbacks: any bytes are read or refused, and what is read maps or says which field it lacks.

#![no_main]

use bsg_rcs_wire::Callback;
use bsg_rcs_wire::mapping::incoming;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Callback::read(bytes) {
        Ok(Callback::StatusReport(report)) => {
            let _ = incoming::status_report(&report);
            // What was read once can be written, and is read again as the same.
            let json = serde_json::to_vec(&report).expect("a report can be written");
            let again: bsg_rcs_wire::generated::StatusReport =
                serde_json::from_slice(&json).expect("a written report can be read");
            assert_eq!(serde_json::to_vec(&again).ok(), Some(json));
        }
        Ok(_) | Err(_) => {}
    }
});
