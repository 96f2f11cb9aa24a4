//! Sealed references: what is minted opens, what is changed does not.

use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{CampaignId, Msisdn, ReferenceId, SealKey};
use proptest::prelude::*;

const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";

fn number() -> impl Strategy<Value = Msisdn> {
    (100_000_000_u64..=999_999_999_999_999).prop_map(|n| Msisdn::from_u64(n).unwrap())
}

proptest! {
    #[test]
    fn what_is_minted_opens(key: [u8; 16], campaign: u64, index: u32, number in number()) {
        let (key, campaign) = (SealKey::from_bytes(key), CampaignId(campaign));
        let reference = key.mint(campaign, index, number);
        prop_assert_eq!(reference.as_str().len(), 32);
        prop_assert!(reference.as_str().bytes().all(|b| ALPHABET.contains(&b)));
        let address = Address::read(&reference).unwrap();
        prop_assert_eq!(address.campaign(), campaign);
        prop_assert_eq!(address.open(&key, number), Ok(index));
        prop_assert!(reference.as_str().starts_with(&campaign.to_string()[..12]));
    }

    #[test]
    fn any_changed_character_is_refused(
        key: [u8; 16], campaign: u64, index: u32, number in number(), at in 0_usize..32, by in 1_usize..32,
    ) {
        let key = SealKey::from_bytes(key);
        let reference = key.mint(CampaignId(campaign), index, number);
        let mut text = reference.as_str().as_bytes().to_vec();
        let digit = ALPHABET.iter().position(|b| *b == text[at]).unwrap();
        text[at] = ALPHABET[(digit + by) % 32];
        let changed = ReferenceId::parse(std::str::from_utf8(&text).unwrap()).unwrap();
        // A changed campaign would be opened with another campaign's key; here even its own fails.
        let address = Address::read(&changed).unwrap();
        prop_assert!(address.open(&key, number).is_err());
    }

    #[test]
    fn another_number_or_key_is_refused(key: [u8; 16], other: [u8; 16], number in number(), another in number()) {
        prop_assume!(key != other && number != another);
        let (key, other) = (SealKey::from_bytes(key), SealKey::from_bytes(other));
        let address = Address::read(&key.mint(CampaignId(7), 3, number)).unwrap();
        prop_assert!(address.open(&key, another).is_err());
        prop_assert!(address.open(&other, number).is_err());
    }

    #[test]
    fn campaign_ids_go_both_ways(id: u64) {
        let text = CampaignId(id).to_string();
        prop_assert_eq!(text.len(), 13);
        prop_assert_eq!(CampaignId::parse(&text), Ok(CampaignId(id)));
    }

    #[test]
    fn reading_any_text_never_panics(text in "[a-zA-Z0-9]{1,32}", id in any::<String>()) {
        let _ = Address::read(&ReferenceId::parse(&text).unwrap());
        let _ = CampaignId::parse(&id);
    }
}

#[test]
fn foreign_references_have_no_address() {
    let reference = SealKey::from_bytes([1; 16]).mint(
        CampaignId(1),
        1,
        Msisdn::from_u64(380_661_231_231).unwrap(),
    );
    let upper = reference.as_str().to_uppercase();
    for text in ["hello", upper.as_str(), "0123456789abcdefabcdef0123456789"] {
        assert_eq!(Address::read(&ReferenceId::parse(text).unwrap()), None, "{text}");
    }
}

#[test]
fn a_campaign_id_has_one_way_to_be_written() {
    let zero = "a".repeat(13);
    assert_eq!(CampaignId::parse(&zero), Ok(CampaignId(0)));
    // Too short, too long, a last bit that is not of the id, another alphabet.
    for text in
        ["", &zero[1..], &format!("{zero}a"), &format!("{}b", &zero[1..]), &zero.to_uppercase()]
    {
        assert!(CampaignId::parse(text).is_err(), "{text}");
    }
}

#[test]
fn neither_key_nor_number_shows_in_debug() {
    let key = SealKey::from_bytes([7; 16]);
    assert_eq!(format!("{key:?}"), "SealKey(***)");
    let number = Msisdn::from_u64(380_661_231_231).unwrap();
    assert_eq!(format!("{number:?} {}", number.masked()), "Msisdn(380*******31) 380*******31");
}
