//! One journey through everything that the client can do, against the sandbox over real sockets.
//!
//! Requests pass a proxy that notes them: an operation of the document that was not called fails.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bsg_rcs::{
    Addressee, Amount, Batch, BatchCap, CampaignFilter, CampaignSend, CampaignStatus,
    CivilDateTime, Client, ContactDraft, ContactListDraft, DryRun, Error, ErrorKind, Message,
    MessageFilter, MessageStatus, Msisdn, Resolution, SendOutcome, SingleSend, StoppedChannel,
};
use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::Method;
use futures_util::TryStreamExt;

use crate::proxy::Proxy;
use crate::stage::{campaign, carousel, number, operation_of, operations, reference, single, text};

mod fields_and_jobs;

/// How long a token lives.
const TOKEN_LIFE: Duration = Duration::from_secs(3600);

struct World {
    sandbox: Sandbox,
    proxy: Proxy,
    client: Client,
    /// The client's clock, in seconds.
    clock: Arc<AtomicU64>,
}

impl World {
    async fn new() -> Self {
        let start = CivilDateTime::parse("2026-01-05 09:00:00").unwrap();
        let config = SandboxConfig {
            speed: Speed::VIRTUAL,
            start,
            token_life: TOKEN_LIFE,
            ..SandboxConfig::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        let proxy = Proxy::start(sandbox.address());
        let clock = Arc::new(AtomicU64::new(0));
        let seconds = Arc::clone(&clock);
        let client = Client::builder()
            .base_url(proxy.url())
            .api_key("live_sandbox")
            .clock(move || Duration::from_secs(seconds.load(Ordering::Relaxed)))
            .build()
            .unwrap();
        Self { sandbox, proxy, client, clock }
    }

    /// Lets everything come to its end.
    async fn wait(&self) {
        self.sandbox.advance(Duration::from_secs(72 * 3600)).await;
    }

    /// The operations that were called so far.
    fn called(&self) -> BTreeSet<String> {
        let id = |line: &String| {
            let (method, address) = line.split_once(' ').unwrap();
            let path = address.split('?').next().unwrap();
            operation_of(method, path).unwrap_or_else(|| panic!("no operation: {line}"))
        };
        self.proxy.seen().iter().map(id).collect()
    }
}

fn accepted<T: std::fmt::Debug>(outcome: Result<SendOutcome<T>, Error>) -> T {
    match outcome {
        Ok(SendOutcome::Accepted(accepted)) => accepted,
        other => panic!("{other:?}"),
    }
}

fn other_number(at: u64) -> Msisdn {
    Msisdn::from_u64(number().as_u64() + at).unwrap()
}

#[tokio::test]
async fn the_client_can_do_everything_that_the_document_has() {
    let world = World::new().await;
    lists_and_contacts(&world).await;
    singles(&world).await;
    campaigns(&world).await;
    stop_list(&world).await;
    account(&world).await;
    fields_and_jobs::contact_fields(&world).await;
    fields_and_jobs::stat_jobs(&world).await;
    fields_and_jobs::resume(&world).await;
    tokens(&world).await;
    let all: BTreeSet<_> = operations().into_keys().collect();
    assert_eq!(world.called(), all);
}

async fn lists_and_contacts(world: &World) {
    let (lists, contacts) = (world.client.contact_lists(), world.client.contacts());
    let draft = ContactListDraft::new("Regulars", Some("Those who come often")).unwrap();
    let list = lists.create(&draft).await.unwrap();
    assert_eq!((list.name.as_deref(), list.contacts), (Some("Regulars"), Some(0)));
    let again = lists.create(&draft).await.unwrap_err();
    assert!(matches!(again.kind(), ErrorKind::Refused(_)), "{again}");
    let other = ContactListDraft::new("Others", None).unwrap();
    let other = lists.create(&other).await.unwrap();

    let ann = ContactDraft::new(number()).field(7, "Ann").lists([list.id]);
    let ann = contacts.create(&ann).await.unwrap();
    assert_eq!((ann.number, &ann.lists), (Some(number()), &vec![list.id]));
    assert_eq!(ann.fields.get("7").map(String::as_str), Some("Ann"));
    let bob = contacts.create(&ContactDraft::new(other_number(1))).await.unwrap();
    lists.attach(&[bob.id], &[list.id, other.id]).await.unwrap();
    assert_eq!(lists.get(list.id).await.unwrap().contacts, Some(2));
    lists.detach(&[bob.id], &[other.id]).await.unwrap();
    assert_eq!(lists.get(other.id).await.unwrap().contacts, Some(0));
    let renamed = ContactListDraft::new("Everybody", None).unwrap();
    let renamed = lists.change(list.id, &renamed).await.unwrap();
    assert_eq!(renamed.name.as_deref(), Some("Everybody"));
    assert_eq!(renamed.description.as_deref(), Some("Those who come often"), "left as it was");
    let found = lists.find("Everybody").await.unwrap();
    assert_eq!(found.iter().map(|list| list.id).collect::<Vec<_>>(), [list.id]);
    assert_eq!(lists.page(0, 1).await.unwrap().total, Some(2));
    let all: Vec<_> = lists.all().try_collect().await.unwrap();
    assert_eq!(all.iter().map(|list| list.id).collect::<Vec<_>>(), [list.id, other.id]);

    let changed = ContactDraft::new(number()).field(7, "Anna");
    let changed = contacts.change(ann.id, &changed).await.unwrap();
    assert_eq!(changed.lists, [list.id], "left as they were");
    assert_eq!(contacts.get(ann.id).await.unwrap(), changed);
    assert_eq!(contacts.find(number()).await.unwrap(), [changed]);
    let by_field = contacts.find_by_field(7, "Anna", 0, 20).await.unwrap();
    assert_eq!((by_field.total, by_field.items.len()), (Some(1), 1));
    let page = contacts.page(&[list.id], 1, 1).await.unwrap();
    assert_eq!((page.total, page.items[0].id), (Some(2), bob.id));
    let members: Vec<_> = contacts.all(&[list.id]).try_collect().await.unwrap();
    assert_eq!(members.iter().map(|it| it.id).collect::<Vec<_>>(), [ann.id, bob.id]);

    let sent = world.client.campaigns().send_to_lists(&text(), &[list.id], None).await;
    let sent = accepted(sent);
    world.wait().await;
    let done = world.client.campaigns().get(sent.id).await.unwrap();
    assert_eq!((done.status, done.delivered), (Ok(CampaignStatus::Done), Some(2)));

    contacts.delete(bob.id).await.unwrap();
    let gone = contacts.get(bob.id).await.unwrap_err();
    assert!(matches!(gone.kind(), ErrorKind::Refused(why) if why.status == 404), "{gone}");
    contacts.delete_many(&[], &[list.id]).await.unwrap();
    assert_eq!(contacts.page(&[], 0, 20).await.unwrap().total, Some(0));
    lists.delete(list.id).await.unwrap();
    lists.delete(other.id).await.unwrap();
    assert_eq!(lists.page(0, 20).await.unwrap().total, Some(0));
}

async fn singles(world: &World) {
    let messages = world.client.messages();
    assert_eq!(messages.dry_run(&carousel(), number()).await.unwrap(), DryRun::Passed);
    let nobody = Message::text("nobody", "Hello").unwrap();
    let DryRun::Refused(why) = messages.dry_run(&nobody, number()).await.unwrap() else {
        panic!("an unknown agent passed")
    };
    assert_eq!(why.faults()[0].place.as_deref(), Some("agent"));

    let one = accepted(messages.send(&carousel(), &single()).await);
    assert_eq!((one.reference, one.number), (Some(reference("r0")), Some(number())));
    let again = messages.send(&text(), &single()).await.unwrap();
    let SendOutcome::AlreadyKnown(known) = again else { panic!("{again:?}") };
    let resolved = world.client.resolve(&known.unsettled).await.unwrap();
    assert!(matches!(resolved, Resolution::Arrived(_)), "{resolved:?}");
    let refused = messages.send(&nobody, &single().reference(reference("x0"))).await.unwrap();
    assert!(matches!(refused, SendOutcome::Rejected(_)), "{refused:?}");

    world.wait().await;
    let [found] = messages.find(reference("r0")).await.unwrap().messages.try_into().unwrap();
    assert_eq!(found.report.message, one.report.message);
    assert_eq!(found.report.status.known(), Some(MessageStatus::Delivered));
    assert!(found.report.sent_at.is_some() && found.report.price.is_some());
}

async fn campaigns(world: &World) {
    let campaigns = world.client.campaigns();
    // Of its three the single send used the first.
    let run = campaigns.dry_run(&text(), campaign().recipients()).await.unwrap();
    let DryRun::Refused(why) = run else { panic!("a known reference passed") };
    assert_eq!(why.faults()[0].place.as_deref(), Some("phones[0].reference_id"));
    assert_eq!(why.recipients(), [0]);
    assert_eq!(
        campaigns.dry_run(&text(), campaign_of(99).recipients()).await.unwrap(),
        DryRun::Passed
    );
    // The reference of the last was used by the single send.
    let addressee = |at: u64| Addressee {
        number: other_number(100 + at),
        reference: reference(&if at == 17 { "r0".to_owned() } else { format!("c{at}") }),
    };
    let to = Batch::new((0..18).map(addressee).collect(), BatchCap::PLATFORM).unwrap();
    let refused = campaigns.send(&text(), &CampaignSend::to(to)).await.unwrap();
    let SendOutcome::AlreadyKnown(known) = refused else { panic!("{refused:?}") };
    assert_eq!(known.refusal.faults.len(), 1, "{known:?}");

    let to = Batch::new((0..17).map(addressee).collect(), BatchCap::PLATFORM).unwrap();
    let send = CampaignSend::to(to);
    let sent = accepted(campaigns.send(&text(), &send).await);
    assert!(sent.calculated_price.money().is_some());
    world.wait().await;
    let detail = campaigns.detail(sent.id).await.unwrap();
    assert_eq!((detail.status, detail.total_messages), (Ok(CampaignStatus::Done), Some(17)));
    assert_eq!(detail.statuses.values().sum::<u64>(), 17);
    let filter = MessageFilter::default().campaign(sent.id);
    assert_eq!(world.client.messages().page(filter, 15, 15).await.unwrap().items.len(), 2);
    let every: Vec<_> = world.client.messages().all(filter).try_collect().await.unwrap();
    let named: BTreeSet<_> = every.iter().filter_map(|message| message.reference).collect();
    assert_eq!((every.len(), named.len()), (17, 17));

    let later = CivilDateTime::parse("2026-01-20 09:00:00").ok();
    let send = campaign_of(200).start_at(later);
    let planned = accepted(campaigns.send(&text(), &send).await);
    assert_eq!(planned.start_at, later);
    let stopped = campaigns.stop(planned.id).await.unwrap();
    assert_eq!((stopped.id, stopped.status), (planned.id, Ok(CampaignStatus::Stopped)));
    let error = campaigns.stop(planned.id).await.unwrap_err();
    assert!(error.to_string().contains("Invalid campaign status"), "{error}");

    // One to lists, one sent, one stopped; and none of another agent.
    let ours = CampaignFilter::default();
    assert_eq!(campaigns.page(&ours, 0, 30).await.unwrap().total, Some(3));
    let all = campaigns.all(ours.clone()).collect_all().await.unwrap();
    assert_eq!(all.iter().map(|it| it.id).collect::<Vec<_>>()[1..], [sent.id, planned.id]);
    let others = ours.agent("demo_agent_ua");
    assert_eq!(campaigns.page(&others, 0, 30).await.unwrap().items, []);
}

fn campaign_of(at: u64) -> CampaignSend {
    let addressee = Addressee { number: other_number(at), reference: reference("later") };
    let to = Batch::new(vec![addressee], BatchCap::PLATFORM).unwrap();
    CampaignSend::to(to)
}

async fn stop_list(world: &World) {
    let stop_list = world.client.stop_list();
    let channels = [StoppedChannel::Rcs, StoppedChannel::Sms];
    let numbers = [other_number(300), other_number(301)];
    let entries = stop_list.add(&numbers, &channels).await.unwrap();
    assert!(
        entries
            .iter()
            .all(|entry| (entry.rcs, entry.sms, entry.viber)
                == (Some(true), Some(true), Some(false)))
    );
    assert_eq!(stop_list.find(numbers[1]).await.unwrap(), [entries[1]]);
    assert_eq!(stop_list.find(other_number(302)).await.unwrap(), []);
    stop_list.remove(&[entries[1].id], &[StoppedChannel::Rcs]).await.unwrap();
    let rcs = stop_list.page(Some(StoppedChannel::Rcs), 0, 20).await.unwrap();
    assert_eq!((rcs.total, rcs.items), (Some(1), vec![entries[0]]));
    let all: Vec<_> = stop_list.all(None).try_collect().await.unwrap();
    assert_eq!(all.len(), 2);

    let stopped = SingleSend::to(numbers[0]).reference(reference("stopped"));
    accepted(world.client.messages().send(&text(), &stopped).await);
    world.wait().await;
    let [found] = world
        .client
        .messages()
        .find(reference("stopped"))
        .await
        .unwrap()
        .messages
        .try_into()
        .unwrap();
    assert_eq!(found.report.status.known(), Some(MessageStatus::Failed));
}

async fn account(world: &World) {
    let balance = world.client.account().balance().await.unwrap();
    let theirs = world.sandbox.balance("live_sandbox").unwrap();
    assert_eq!(balance.balance, theirs);
    assert!(theirs < Amount::parse("1000").unwrap().amount, "what was delivered was paid");
    let tariffs = world.client.account().tariffs().await.unwrap();
    let usual: Vec<_> = tariffs.iter().filter(|tariff| tariff.is_default == Some(true)).collect();
    assert_eq!((tariffs.len(), usual.len(), usual[0].code), (2, 1, Some(9)));
    let raw = world.client.raw(Method::GET, "/api/accounts/balance", Bytes::new()).await.unwrap();
    assert!(String::from_utf8_lossy(raw.body()).contains("\"currency\":\"EUR\""));
}

/// Shortly before its end the token is refreshed, and the fresh one serves.
async fn tokens(world: &World) {
    assert!(!world.called().contains("refreshToken"));
    world.clock.store(TOKEN_LIFE.as_secs() - 1, Ordering::Relaxed);
    world.client.account().balance().await.unwrap();
    let lines = world.proxy.seen();
    assert_eq!(lines[lines.len() - 2..], ["POST /api/auth/refresh", "GET /api/accounts/balance"]);
    let logins = lines.iter().filter(|line| *line == "POST /api/auth/login").count();
    assert_eq!(logins, 1);
}
