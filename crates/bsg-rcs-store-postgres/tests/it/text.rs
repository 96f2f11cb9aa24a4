//! What others may say and a text of this database cannot hold: it is kept all the same, for a
//! callback that cannot be kept would come again for ever.

use bsg_rcs_store::rows::Click;
use bsg_rcs_store::{CallbackKind, Received, Verdict};

use bsg_rcs_store::prelude::*;

use crate::database::{self, ID, called_back, planned};

#[tokio::test]
async fn a_nul_is_kept_as_what_stands_for_it() {
    let Some(url) = database::url() else { return };
    let store = database::store(&url).await;
    planned(&store, 1).await;
    let click = Click {
        message: bsg_rcs_domain::MessageId(1),
        text: Some("a\0b".into()),
        postback: Some("\0".into()),
        clicked_at: None,
    };
    let clicked = Verdict::Ours { campaign: ID, index: 0, callback: CallbackKind::Click(click) };
    let aside = Verdict::SetAside { why: "un\0known".into() };
    let told = called_back(0, 1, "gone\0away");
    let others = [clicked, aside].map(|verdict| Received { verdict, ..told.clone() });
    store.keep_callbacks([&others[..], &[told]].concat()).await.expect("they are kept");
    let reports = store.reports(ID, 0).await.unwrap();
    assert_eq!(reports.iter().next().unwrap().status.as_str(), "gone\0away");
    assert_eq!(store.clicks(ID).await.unwrap(), 1);
}

#[tokio::test]
async fn a_word_of_any_length_is_kept_once() {
    let Some(url) = database::url() else { return };
    let store = database::store(&url).await;
    planned(&store, 1).await;
    // Words that do not compress, longer than an index takes.
    let noise = |seed: u64| -> String {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'a' + u8::try_from(state >> 59).unwrap() % 26)
        };
        (0..30_000).map(|_| next()).collect()
    };
    for seed in [1, 1, 2] {
        store.keep_callbacks(vec![called_back(0, 1, &noise(seed))]).await.expect("it is kept");
    }
    assert_eq!(store.reports(ID, 0).await.unwrap().iter().count(), 2);
}
