//! References: none panics, what was minted opens to what it was minted of, and nothing else opens.
#![no_main]

use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{CampaignId, Msisdn, ReferenceId, SealKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, [u8; 16], u64, u32, u64)| {
    let (text, key, campaign, index, digits) = input;
    let (key, campaign) = (SealKey::from_bytes(key), CampaignId(campaign));
    assert_eq!(CampaignId::parse(&campaign.to_string()), Ok(campaign));
    if let Ok(campaign) = CampaignId::parse(text) {
        assert_eq!(campaign.to_string(), text);
    }
    let Ok(number) = Msisdn::from_u64(digits % 1_000_000_000_000_000) else { return };
    let minted = key.mint(campaign, index, number);
    let address = Address::read(&minted).expect("what was minted is an address");
    assert_eq!((address.campaign(), address.open(&key, number)), (campaign, Ok(index)));
    let Ok(reference) = ReferenceId::parse(text) else { return };
    assert_eq!(reference.as_str(), text);
    if let Some(foreign) = Address::read(&reference)
        && let Ok(index) = foreign.open(&key, number)
    {
        // A seal that fits is the one that this key makes.
        assert_eq!(key.mint(foreign.campaign(), index, number), reference);
    }
});
