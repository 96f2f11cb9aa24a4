//! The journey's parts about contact fields, statistics jobs and resuming.

use std::time::Duration;

use bsg_rcs::{
    Addressee, Amount, Batch, BatchCap, CampaignSend, CampaignStatus, CivilDateTime, Client,
    ContactDraft, ContactFieldChange, ContactFieldDraft, ContactFieldKind, ErrorKind, Resumption,
    StatJobDraft,
};

use bsg_rcs_transport::http::Method;

use super::{World, accepted, other_number};
use crate::stage::{reference, text};

const TEN_MINUTES: Duration = Duration::from_secs(600);

pub(super) async fn contact_fields(world: &World) {
    let contacts = world.client.contacts();
    assert_eq!(contacts.fields().await.unwrap(), []);
    let draft = ContactFieldDraft::new("Birthday", ContactFieldKind::Date).description("Cake");
    let made = contacts.create_field(&draft).await.unwrap();
    assert_eq!((made.kind.clone(), made.is_visible), (Ok(ContactFieldKind::Date), Some(true)));
    let again = contacts.create_field(&draft).await.unwrap_err();
    assert!(matches!(again.kind(), ErrorKind::Refused(why) if why.status == 422), "{again}");

    let change = ContactFieldChange::default().name("Born").visible(false);
    let changed = contacts.change_field(made.id, &change).await.unwrap();
    assert_eq!((changed.name.as_deref(), changed.is_visible), (Some("Born"), Some(false)));
    assert_eq!(changed.description.as_deref(), Some("Cake"), "left as it was");
    assert_eq!(contacts.fields().await.unwrap(), [changed]);

    let contact = ContactDraft::new(other_number(500)).field(made.id, "2000-01-05");
    let contact = contacts.create(&contact).await.unwrap();
    contacts.delete_fields(&[made.id]).await.unwrap();
    assert_eq!(contacts.fields().await.unwrap(), []);
    assert!(contacts.get(contact.id).await.unwrap().fields.is_empty(), "the values are gone too");
    contacts.delete(contact.id).await.unwrap();
}

pub(super) async fn stat_jobs(world: &World) {
    let account = world.client.account();
    let at = |text| CivilDateTime::parse(text).unwrap();
    let draft = StatJobDraft::taken(at("2026-01-01 00:00:00"), at("2026-12-31 23:59:59"));
    let key = account.create_stat_job(&draft).await.unwrap();
    let jobs = account.stat_jobs().await.unwrap();
    assert_eq!(jobs.iter().map(|job| &job.key).collect::<Vec<_>>(), [&key]);
    let bill = account.stat_job(&key).await.unwrap();
    assert!(!bill.is_empty() && bill.unreadable == 0, "{bill:?}");
    assert!(bill.items.iter().all(|row| row.price.money().is_some() && row.number.is_some()));

    let one = StatJobDraft::of_messages([bill.items[0].message]);
    let one = account.create_stat_job(&one).await.unwrap();
    assert_eq!(account.stat_job(&one).await.unwrap().items, bill.items[..1]);
    for key in [&key, &one] {
        account.delete_stat_job(key).await.unwrap();
        let gone = account.stat_job(key).await.unwrap_err();
        assert!(gone.to_string().contains("error 90"), "{gone}");
    }
    assert_eq!(account.stat_jobs().await.unwrap(), []);
}

/// A campaign that the platform paused for want of funds goes on after a top-up and a resume.
pub(super) async fn resume(world: &World) {
    let campaigns = world.client.campaigns();
    set_balance(world, "0").await;
    let to = Addressee { number: other_number(400), reference: reference("unpaid") };
    let send = CampaignSend::to(Batch::new(vec![to], BatchCap::PLATFORM).unwrap());
    let sent = accepted(campaigns.send(&text(), &send).await);
    // Not longer: a message that waits for 72 hours ends.
    world.sandbox.advance(TEN_MINUTES).await;
    assert_eq!(campaigns.get(sent.id).await.unwrap().status, Ok(CampaignStatus::Paused));
    assert!(world.sandbox.top_up("live_sandbox", Amount::parse("500").unwrap().amount));
    world.sandbox.advance(TEN_MINUTES).await;
    assert_eq!(campaigns.get(sent.id).await.unwrap().status, Ok(CampaignStatus::Paused));
    let Resumption::Resumed(resumed) = campaigns.resume(sent.id).await.unwrap() else {
        panic!("the sandbox has the call")
    };
    assert_eq!((resumed.id, resumed.status), (sent.id, Ok(CampaignStatus::Sending)));
    world.wait().await;
    let done = campaigns.get(sent.id).await.unwrap();
    assert_eq!((done.status, done.delivered), (Ok(CampaignStatus::Done), Some(1)));
    let error = campaigns.resume(sent.id).await.unwrap_err();
    assert!(error.to_string().contains("Invalid campaign status"), "{error}");
}

/// What a tester does to the account: past the proxy, for it is no operation of the platform.
async fn set_balance(world: &World, balance: &str) {
    let tester =
        Client::builder().base_url(world.sandbox.url()).api_key("live_sandbox").build().unwrap();
    let body = format!(r#"{{"balance": "{balance}", "credit": "0"}}"#).into();
    let path = "/sandbox/accounts/live_sandbox/balance";
    let answer = tester.raw(Method::POST, path, body).await.unwrap();
    assert!(answer.status().is_success(), "{answer:?}");
}
