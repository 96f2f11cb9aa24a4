//! The body of a campaign send as bytes, written straight from numbers and references: thousands of recipients need
//! no values of their own on the way.

use bsg_rcs_domain::{Addressee, Batch, CivilDateTime, Message};

use super::campaign_of;

/// Bytes that a recipient takes, about.
const RECIPIENT: usize = 80;
/// How the body of a campaign begins: its recipients come first.
const BEGINNING: &[u8] = b"{\"phones\":[";

/// The JSON of [`campaign_send`](super::campaign_send), to the byte.
///
/// # Errors
/// Those of the serialiser; there are none for a message that was checked.
pub fn campaign_body(
    message: &Message,
    to: &Batch,
    start_at: Option<CivilDateTime>,
) -> serde_json::Result<Vec<u8>> {
    let frame = serde_json::to_vec(&campaign_of(message, Vec::new(), start_at))?;
    let Some(rest) = frame.strip_prefix(BEGINNING) else {
        // Somebody changed the order of the fields: slower, and right.
        return serde_json::to_vec(&super::campaign_send(message, to, start_at));
    };
    let mut body = Vec::with_capacity(frame.len() + RECIPIENT * to.addressees().len());
    body.extend_from_slice(BEGINNING);
    for (place, addressee) in to.addressees().iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        recipient(&mut body, addressee);
    }
    body.extend_from_slice(rest);
    Ok(body)
}

/// Numbers and references are digits and letters: nothing in them needs to be escaped.
fn recipient(body: &mut Vec<u8>, to: &Addressee) {
    body.extend_from_slice(b"{\"number\":\"");
    body.extend_from_slice(itoa::Buffer::new().format(to.number.as_u64()).as_bytes());
    body.extend_from_slice(b"\",\"reference_id\":\"");
    body.extend_from_slice(to.reference.as_str().as_bytes());
    body.extend_from_slice(b"\"}");
}

#[cfg(test)]
mod tests {
    use bsg_rcs_domain::{BatchCap, CampaignId, MessageDraft, Msisdn, SealKey};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_what_the_serialiser_writes(
            numbers in prop::collection::btree_set(100_000_000_u64..1_000_000_000_000_000, 1..50),
            text in "[ -~\u{e4}\u{20ac}\n\"\\\\]{1,100}",
            validity in prop::option::of("[1-9]h"),
            tariff_code in prop::option::of(any::<i64>()),
            start in prop::option::of(0_i64..4_000_000_000),
        ) {
            let draft = MessageDraft { agent: "demo_agent".into(), text: Some(text), validity, tariff_code, ..MessageDraft::default() };
            let Ok(message) = draft.check() else { return Ok(()) };
            let key = SealKey::from_bytes([3; 16]);
            let to = (0..).zip(&numbers).map(|(index, number)| {
                let number = Msisdn::from_u64(*number).unwrap();
                Addressee { number, reference: key.mint(CampaignId(1), index, number) }
            });
            let batch = Batch::new(to.collect(), BatchCap::PLATFORM).unwrap();
            let start = start.and_then(CivilDateTime::from_epoch_seconds);
            let plain = serde_json::to_vec(&super::super::campaign_send(&message.value, &batch, start)).unwrap();
            let body = campaign_body(&message.value, &batch, start).unwrap();
            prop_assert_eq!(String::from_utf8(body), String::from_utf8(plain));
            prop_assert!(serde_json::to_vec(&campaign_of(&message.value, Vec::new(), start)).unwrap().starts_with(BEGINNING));
        }
    }
}
