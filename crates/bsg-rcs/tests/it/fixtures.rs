//! The fixtures for unit tests of others: each is an answer to what it says that it answers.

use bsg_rcs::test_util::{answers, client, client_over};
use bsg_rcs::{
    Batch, BatchCap, CampaignFilter, CampaignSend, Client, ContactDraft, ContactListDraft, DryRun,
    MessageFilter, SendOutcome, StoppedChannel,
};
use bsg_rcs_webhook::{CallbackEvent, read};

use crate::stage::{number, reference, single, text};

fn answered(status: u16, body: &str) -> Client {
    client([(status, body)]).0
}

#[tokio::test]
async fn every_fixture_is_read() {
    let ok = |body| answered(200, body);
    let sent = ok(answers::MESSAGE).messages().send(&text(), &single()).await.unwrap();
    assert_eq!(sent.accepted().unwrap().report.message.0, 3_266_500_452);
    let to = bsg_rcs::Addressee { number: number(), reference: reference("r0") };
    let batch = Batch::new(vec![to], BatchCap::PLATFORM).unwrap();
    let send = CampaignSend::to(batch.clone());
    let taken = ok(answers::CAMPAIGN).campaigns().send(&text(), &send).await.unwrap();
    let taken = taken.accepted().unwrap();
    assert_eq!(taken.calculated_price.to_string(), "2.2000000 EUR");
    let detail = ok(answers::DETAIL).campaigns().detail(taken.id).await.unwrap();
    assert_eq!(detail.total_price.to_string(), "1.1000000 EUR");
    let messages = ok(answers::MESSAGES).messages().all(MessageFilter::default());
    assert_eq!(messages.collect_all().await.unwrap().len(), 1);
    let campaigns = ok(answers::CAMPAIGNS).campaigns().all(CampaignFilter::default()).collect_all();
    assert_eq!(campaigns.await.unwrap().len(), 1);
    let none = ok(answers::NONE).messages().find(reference("r0")).await.unwrap();
    assert!(none.messages.is_empty() && none.is_complete);
    let balance = ok(answers::BALANCE).account().balance().await.unwrap();
    assert_eq!(balance.to_string(), "1000.5000000 EUR, credit 0.0000000 EUR");
    assert_eq!(ok(answers::TARIFFS).account().tariffs().await.unwrap()[0].code, Some(9));
    let channels = [StoppedChannel::Rcs];
    let stopped = ok(answers::STOP_LIST).stop_list().add(&[number()], &channels).await.unwrap();
    assert_eq!(stopped[0].rcs, Some(true));
    let draft = ContactDraft::new(number());
    assert_eq!(ok(answers::CONTACT).contacts().create(&draft).await.unwrap().fields["7"], "Ann");
    assert_eq!(ok(answers::CONTACTS).contacts().page(&[], 0, 15).await.unwrap().len(), 1);
    let list = ContactListDraft::new("Regulars", None).unwrap();
    let made = ok(answers::CONTACT_LIST).contact_lists().create(&list).await.unwrap();
    assert_eq!(made.contacts, Some(1));
    assert_eq!(ok(answers::CONTACT_LISTS).contact_lists().find("Regulars").await.unwrap().len(), 1);
    let run = ok(answers::DRY_RUN).campaigns().dry_run(&text(), &batch).await.unwrap();
    assert_eq!(run, DryRun::Passed);
    answered(204, answers::NOTHING).contact_lists().delete(made.id).await.unwrap();
}

#[tokio::test]
async fn fixtures_of_refusals_and_callbacks_are_what_they_say() {
    let of = async |status, body| {
        answered(status, body).messages().send(&text(), &single()).await.unwrap()
    };
    let SendOutcome::Rejected(why) = of(422, answers::REFUSAL).await else { panic!() };
    assert_eq!(why.recipients(), [0]);
    assert!(matches!(of(422, answers::KNOWN_REFERENCE).await, SendOutcome::AlreadyKnown(_)));
    assert!(matches!(of(429, answers::DUPLICATE_REQUEST).await, SendOutcome::Unknown(_)));
    assert!(matches!(read(answers::STATUS_REPORT.as_bytes()), Ok(CallbackEvent::Report(_))));
    assert!(matches!(read(answers::CLICK.as_bytes()), Ok(CallbackEvent::Click(_))));
    let silent = client_over(bsg_rcs_transport::doubles::NeverAnswers);
    assert!(futures_util::FutureExt::now_or_never(silent.account().balance()).is_none());
}
