//! Lists as streams: page by page, with their filters, until the end or the first error.

use bsg_rcs::{CampaignFilter, Client, Error, MessageFilter, StoppedChannel};
use futures_util::{Stream, StreamExt};

use crate::stage::Step::{Answer, Login};
use crate::stage::{client, line, plain};

/// A stream over two pages: the lines that leave, and the ids that come.
async fn check_walk(
    pages: [&str; 2],
    lines: [&str; 2],
    expected: &[u64],
    walk: impl AsyncFnOnce(Client) -> Vec<Result<u64, Error>>,
) {
    let [first, second] = pages;
    let (client, script) = client(&[Login, Answer(200, first), Answer(200, second)]);
    let came: Vec<u64> = walk(client).await.into_iter().map(Result::unwrap).collect();
    let left: Vec<_> = script.requests()[1..].iter().map(|request| plain(&line(request))).collect();
    assert_eq!(left, lines);
    assert_eq!(came, expected, "{lines:?}");
}

/// Two pages of items: one with two of them, and one with the last.
const TWO: &str = r#"{"data": [{"id": 1, "code": 1, "status": "sent"},
    {"id": 2, "code": 2, "status": "orbiting"}], "total": 3, "novelty": 1}"#;
const LAST: &str = r#"{"data": [{"id": 3, "code": 3, "status": "sent"}], "total": "3"}"#;

async fn ids<T>(
    items: impl Stream<Item = Result<T, Error>>,
    id: impl Fn(T) -> u64,
) -> Vec<Result<u64, Error>> {
    items.map(|item| item.map(&id)).collect().await
}

#[tokio::test]
async fn streams_walk_page_by_page_and_keep_their_filters() {
    let pages = [TWO, LAST];
    let all = [1, 2, 3];
    let lines = [
        "GET /api/messages?page[offset]=0&page[limit]=500&sort=id&way=asc&filter[campaign_id]=9",
        "GET /api/messages?page[offset]=2&page[limit]=500&sort=id&way=asc&filter[campaign_id]=9",
    ];
    check_walk(pages, lines, &all, async |client| {
        let filter = MessageFilter::default().campaign(9);
        ids(client.messages().all(filter), |message| message.report.message.0).await
    })
    .await;
    let lines = [
        "GET /api/campaigns?page[offset]=0&page[limit]=500&sort=id&way=asc&filter[type]=rcs\
         &search[field]=sender&search[value]=a",
        "GET /api/campaigns?page[offset]=2&page[limit]=500&sort=id&way=asc&filter[type]=rcs\
         &search[field]=sender&search[value]=a",
    ];
    check_walk(pages, lines, &all, async |client| {
        let filter = CampaignFilter::default().agent("a");
        ids(client.campaigns().all(filter), |campaign| campaign.id.get()).await
    })
    .await;
    let lines = [
        "GET /api/stoplist?page[offset]=0&page[limit]=100&type=rcs",
        "GET /api/stoplist?page[offset]=2&page[limit]=100&type=rcs",
    ];
    check_walk(pages, lines, &all, async |client| {
        ids(client.stop_list().all(Some(StoppedChannel::Rcs)), |entry| entry.id.get()).await
    })
    .await;
    let lines = [
        "GET /api/contacts?page[offset]=0&page[limit]=100&groups[]=3&groups[]=4",
        "GET /api/contacts?page[offset]=2&page[limit]=100&groups[]=3&groups[]=4",
    ];
    check_walk(pages, lines, &all, async |client| {
        ids(client.contacts().all(&crate::stage::ids([3, 4])), |contact| contact.id.get()).await
    })
    .await;
    let lines = [
        "GET /api/groups?page[offset]=0&page[limit]=100",
        "GET /api/groups?page[offset]=2&page[limit]=100",
    ];
    check_walk(pages, lines, &all, async |client| {
        ids(client.contact_lists().all(), |list| list.id.get()).await
    })
    .await;
    let lines = [
        "GET /api/accounts/tariff?page[offset]=0&page[limit]=100",
        "GET /api/accounts/tariff?page[offset]=2&page[limit]=100",
    ];
    check_walk(pages, lines, &all, async |client| {
        let tariffs = client.account().tariffs().await.unwrap();
        tariffs.into_iter().map(|tariff| Ok(u64::try_from(tariff.code.unwrap()).unwrap())).collect()
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_with_the_page_that_fails() {
    let (client, script) = client(&[Login, Answer(200, TWO), Answer(503, ""), Answer(200, LAST)]);
    let came: Vec<_> = client.contact_lists().all().collect().await;
    let came: Vec<_> =
        came.iter().map(|list| list.as_ref().map(|list| list.id.get()).ok()).collect();
    assert_eq!(came, [Some(1), Some(2), None]);
    assert_eq!(script.remaining(), 1);
}
