//! Callbacks: what concerns a recipient of ours counts; everything else is kept and changes
//! nothing. Clicks are a set. A caller's own reference finds its recipient.

use std::sync::Arc;

use bsg_rcs_domain::{CampaignId, MessageId, MessageStatus, Reports};

use super::fixtures::{
    ABSENT, ID, called_back, campaign, civil, later, plan_end, planned, received, recipient,
    recipients, reference, report, seen,
};
use crate::rows::{
    CallbackKind, CampaignRow, CampaignState, Click, NewRecipient, Owner, Received, Verdict,
};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    clicks_are_a_set(&*fresh().await).await;
    what_is_not_ours_changes_nothing(&*fresh().await).await;
    what_is_ours_counts_beside_what_is_not(&*fresh().await).await;
    the_same_body_is_kept_as_often_as_it_came(&*fresh().await).await;
    an_own_reference_finds_its_recipient(&*fresh().await).await;
    the_youngest_owner_of_a_reference_is_found(&*fresh().await).await;
}

fn click() -> Click {
    Click { message: MessageId(1), text: None, postback: None, clicked_at: None }
}

async fn clicks_are_a_set(store: &dyn Store) {
    planned(store, campaign(ID), 2).await;
    assert_eq!(store.clicks(ID).await.unwrap(), 0, "at first there are no clicks");
    let empty = || Some(String::new());
    let different = [
        (0, click()),
        (1, click()),
        (0, Click { message: MessageId(2), ..click() }),
        (0, Click { text: empty(), ..click() }),
        (0, Click { text: Some("Yes".into()), ..click() }),
        (0, Click { postback: empty(), ..click() }),
        (0, Click { postback: Some("Yes".into()), ..click() }),
        (0, Click { clicked_at: Some(civil("2024-08-22 11:47:42")), ..click() }),
    ];
    for round in 0..2 {
        for (count, (index, click)) in (1..).zip(different.clone()) {
            let twice = vec![received(ID, index, CallbackKind::Click(click)); 2];
            store.keep_callbacks(twice).await.expect("clicks are kept");
            let expected = if round == 0 { count } else { 8 };
            assert_eq!(store.clicks(ID).await.unwrap(), expected, "a click counts once");
        }
    }
    assert_eq!(store.clicks(ABSENT).await.unwrap(), 0, "no campaign, no clicks");
    let shown = store.recipients(ID, 0, 1).await.unwrap().remove(0).shown;
    assert_eq!(shown, None, "a click is no report");
}

/// One callback of each kind that concerns no recipient.
fn strays() -> Vec<Received> {
    let delivered = report(1, MessageStatus::Delivered);
    let aside = Verdict::SetAside { why: "no reference of ours".into() };
    vec![
        called_back(ABSENT, 0, delivered.clone()),
        called_back(ID, 4, delivered.clone()),
        called_back(ID, u32::MAX, delivered),
        received(ABSENT, 0, CallbackKind::Click(click())),
        received(ID, 4, CallbackKind::Click(click())),
        Received { body: vec![0xff, 0, b'\''], verdict: aside },
    ]
}

async fn what_is_not_ours_changes_nothing(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    let before = seen(store, ID).await;
    store.keep_callbacks(Vec::new()).await.expect("keeping nothing is no error");
    for stray in strays() {
        let why = format!("{:?}", stray.verdict);
        store.keep_callbacks(vec![stray]).await.expect("a stray callback is kept all the same");
        assert_eq!(seen(store, ID).await, before, "a callback set aside changes nothing: {why}");
    }
    assert_eq!(store.campaign(ABSENT).await.unwrap(), None, "and makes no campaign");
    assert_eq!(store.clicks(ABSENT).await.unwrap(), 0, "nor a click");
    assert!(store.reports(ABSENT, 0).await.unwrap().is_empty(), "nor a report");
}

async fn what_is_ours_counts_beside_what_is_not(store: &dyn Store) {
    planned(store, campaign(ID), 4).await;
    let read = report(5, MessageStatus::Read);
    let mut all = strays();
    all.insert(3, called_back(ID, 3, read.clone()));
    store.keep_callbacks(all).await.expect("strays and ours are kept in one call");
    let told: Reports = [read].into_iter().collect();
    assert_eq!(store.reports(ID, 3).await.unwrap(), told, "ours counts beside strays");
    let shown: Vec<_> =
        store.recipients(ID, 0, 9).await.unwrap().into_iter().map(|row| row.shown).collect();
    assert_eq!(shown, [None, None, None, Some(MessageStatus::Read)], "and no other changes");
}

async fn the_same_body_is_kept_as_often_as_it_came(store: &dyn Store) {
    // Bodies cannot be read back through the trait; what can be seen is that repeating is fine.
    planned(store, campaign(ID), 1).await;
    for _ in 0..3 {
        let again = vec![called_back(ID, 0, report(5, MessageStatus::Sent)); 3];
        store.keep_callbacks(again).await.expect("a repeated callback is no error");
        store.keep_callbacks(strays()).await.expect("a repeated stray is no error");
    }
    assert_eq!(store.reports(ID, 0).await.unwrap().iter().count(), 1, "reports are a set");
}

async fn an_own_reference_finds_its_recipient(store: &dyn Store) {
    store.create(campaign(ID)).await.unwrap();
    let own = |text| NewRecipient { reference: Some(reference(text)), ..recipient(0) };
    let two = vec![recipient(1), own("Order7"), own("order7")];
    store.add_recipients(ID, 0, two).await.unwrap();
    let find = async |text| {
        let mut found = store.owners(vec![reference(text)]).await.expect("it is looked up");
        assert_eq!(found.len(), 1, "one answer each");
        found.remove(0).map(|owner| (owner.campaign, owner.index))
    };
    assert_eq!(find("Order7").await, None, "a preparation's reference was never sent");
    store.finish_plan(ID, plan_end(3)).await.unwrap();
    assert_eq!(find("Order7").await, Some((ID, 1)), "an own reference finds its recipient");
    assert_eq!(find("order7").await, Some((ID, 2)), "upper and lower case are apart");
    assert_eq!(find("ORDER7").await, None, "a reference that is not there is not found");
    let several = ["order7", "absent", "Order7", "order7"].map(reference).to_vec();
    let found = store.owners(several).await.unwrap();
    let index = |owner: &Option<Owner>| owner.as_ref().map(|owner| owner.index);
    let indices: Vec<_> = found.iter().map(index).collect();
    assert_eq!(indices, [Some(2), None, Some(1), Some(2)], "one answer each, in order");
    let owner = found[0].as_ref().unwrap();
    let CampaignRow { platform, account, .. } = campaign(ID);
    assert_eq!((&owner.platform, &owner.account), (&platform, &account), "and where it is sent");
    assert_eq!(store.owners(Vec::new()).await.unwrap(), [], "nothing asked, nothing answered");
}

async fn the_youngest_owner_of_a_reference_is_found(store: &dyn Store) {
    let own = NewRecipient { reference: Some(reference("r1")), ..recipient(0) };
    for id in [3, 1, 2, 4].map(CampaignId) {
        store.create(campaign(id)).await.unwrap();
        later(store).await;
        store.add_recipients(id, 0, recipients(0..1)).await.unwrap();
        store.add_recipients(id, 1, vec![own.clone()]).await.unwrap();
        if id.0 < 4 {
            store.finish_plan(id, plan_end(2)).await.unwrap();
            store.set_state(id, CampaignState::Stopped, None).await.unwrap();
        }
    }
    let found = store.owners(vec![reference("r1")]).await.unwrap().remove(0).unwrap();
    assert_eq!(
        (found.campaign, found.index),
        (CampaignId(2), 1),
        "of several owners the youngest is found"
    );
}
