//! The campaign machine never leaves its table, paused never sends, final is final.

use bsg_rcs_domain::{CampaignEvent as On, CampaignStatus as At};
use proptest::prelude::*;

/// The table, written down a second time by hand: rows of (from, event, to).
const TABLE: [(At, On, At); 14] = [
    (At::Creation, On::Moderate, At::Moderation),
    (At::Creation, On::Schedule, At::Scheduled),
    (At::Creation, On::Start, At::Sending),
    (At::Moderation, On::Reject, At::Spam),
    (At::Moderation, On::Schedule, At::Scheduled),
    (At::Moderation, On::Start, At::Sending),
    (At::Moderation, On::Stop, At::Stopped),
    (At::Scheduled, On::Start, At::Sending),
    (At::Scheduled, On::Stop, At::Stopped),
    (At::Sending, On::Pause, At::Paused),
    (At::Sending, On::Finish, At::Done),
    (At::Sending, On::Stop, At::Stopped),
    (At::Paused, On::Resume, At::Sending),
    (At::Paused, On::Stop, At::Stopped),
];

#[test]
fn exactly_the_table_is_allowed() {
    for status in At::ALL {
        for event in On::ALL {
            let row = TABLE.iter().find(|(from, on, _)| *from == status && *on == event);
            assert_eq!(status.after(event).ok(), row.map(|(_, _, to)| *to), "{status:?} {event:?}");
        }
        let is_left = TABLE.iter().any(|(from, _, _)| *from == status);
        assert_eq!(status.is_final(), !is_left, "{status:?}");
    }
}

#[test]
fn stop_pause_and_resume_are_allowed_where_the_contract_says() {
    for status in At::ALL {
        let stops = [At::Moderation, At::Scheduled, At::Sending, At::Paused].contains(&status);
        assert_eq!(status.allows(On::Stop), stops, "{status:?}");
        assert_eq!(status.allows(On::Pause), status == At::Sending);
        assert_eq!(status.allows(On::Resume), status == At::Paused);
    }
    let refusal = At::Done.after(On::Stop).unwrap_err();
    assert_eq!(refusal.to_string(), "a campaign that is done cannot Stop");
}

#[test]
fn words_are_read_in_any_case_and_unknown_ones_are_kept() {
    for status in At::ALL {
        assert_eq!(At::from_word(&status.as_str().to_uppercase()), Ok(status));
    }
    assert_eq!(At::from_word("Archived"), Err("archived".to_owned()));
}

proptest! {
    #[test]
    fn random_events_never_leave_the_table(
        events in prop::collection::vec(prop::sample::select(&On::ALL[..]), 0..40),
    ) {
        let mut status = At::Creation;
        for event in events {
            match status.after(event) {
                Ok(next) => {
                    prop_assert!(!status.is_final(), "{:?} is final", status);
                    // Out of a pause only a resume sends.
                    if status == At::Paused && next.sends() {
                        prop_assert_eq!(event, On::Resume);
                    }
                    status = next;
                }
                Err(refusal) => prop_assert_eq!((refusal.status, refusal.event), (status, event)),
            }
            prop_assert_eq!(status.sends(), status == At::Sending);
        }
    }
}
