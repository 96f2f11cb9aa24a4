//! The matrix of faults: everything that can go wrong between the client and the platform, over real
//! sockets, and what the client says of a send then.
//!
//! The platform here is the sandbox at its least forgiving: it remembers no request and takes a known
//! reference again, so that a send which leaves twice is seen twice. The page `docs/fault-matrix.md`
//! is what this test saw.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bsg_rcs::transport::retry::RetryPolicy;
use bsg_rcs::{
    Addressee, Batch, BatchCap, CampaignSend, Certainty, Client, ContactDraft, ContactListDraft,
    ContactListId, Error, Msisdn, Resolution, SendOutcome, SingleSend, Unsettled,
};
use bsg_rcs_sandbox::engine::KnownReference;
use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::Method;
use serde_json::Value;

use crate::proxy::{Fault, Proxy, Wrong};
use crate::stage::{reference, text};

/// One row: what happens, and whether the call arrives.
struct Row {
    happens: &'static str,
    arrives: bool,
    fault: Fault,
}

/// What befalls every call while it lasts.
const fn lasting(happens: &'static str, forwarded: bool, wrong: Wrong) -> Row {
    let fault = Fault { wrong, forwarded, times: u32::MAX };
    Row { happens, arrives: forwarded, fault }
}

const PLAIN: &str = "content-type: text/plain\r\n";
const JSON: &str = "content-type: application/json\r\n";
const HTML: &str = "content-type: text/html\r\n";
const PAGE: &str = "<html><body>Please log in to this network.</body></html>";
const ELSEWHERE: &str = "location: /api/elsewhere\r\n";
const DUPLICATE: &str = r#"{"message": "Too many duplicate request detected"}"#;
const DOWN: &str = r#"{"message": "Service Unavailable"}"#;

fn rows() -> Vec<Row> {
    use Wrong::{
        CutConnection, CutJson, Mislabelled, Nothing, Refused, Reset, ResetUnread, Says, Silence,
    };
    const UNAUTHORIZED: Wrong = Says("401 Unauthorized", JSON, r#"{"message": "Expired."}"#);
    let mut rows = vec![
        lasting("nothing goes wrong", true, Nothing),
        lasting("the connection is refused", false, Refused),
        lasting("reset before the request is read", false, ResetUnread),
        lasting("reset after the request is read", false, Reset),
        lasting("reset after it is carried out", true, Reset),
        lasting("no answer in time", false, Silence),
        lasting("no answer in time", true, Silence),
    ];
    for forwarded in [false, true] {
        rows.extend([
            lasting("307", forwarded, Says("307 Temporary Redirect", ELSEWHERE, "")),
            lasting("500", forwarded, Says("500 Internal Server Error", PLAIN, "boom")),
            lasting("502 from a gateway", forwarded, Says("502 Bad Gateway", HTML, PAGE)),
            lasting(
                "503 with Retry-After",
                forwarded,
                Says("503 Service Unavailable", "retry-after: 1\r\n", DOWN),
            ),
            lasting(
                "429, the duplicate guard",
                forwarded,
                Says("429 Too Many Requests", JSON, DUPLICATE),
            ),
            lasting("200 with a page of HTML", forwarded, Says("200 OK", HTML, PAGE)),
            lasting("204", forwarded, Says("204 No Content", "", "")),
        ]);
    }
    rows.extend([
        lasting("200, its JSON cut short", true, CutJson),
        lasting("200, the connection lost in its body", true, CutConnection),
        lasting("200, its JSON called a text", true, Mislabelled),
        Row {
            happens: "401 once: the token has expired",
            arrives: true,
            fault: Fault { wrong: UNAUTHORIZED, forwarded: false, times: 1 },
        },
        lasting("401 to every token", false, UNAUTHORIZED),
    ]);
    rows
}

/// The three sends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Send {
    One,
    Many,
    Lists,
}

/// What the client said of a send, and of its unsettled rest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Said {
    outcome: &'static str,
    resolved: &'static str,
}

/// The platform, and a client that no fault befalls.
struct Stage {
    sandbox: Sandbox,
    direct: Client,
}

const API_KEY: &str = "live_sandbox";

impl Stage {
    async fn new() -> Self {
        let start = bsg_rcs::CivilDateTime::parse("2026-01-05 09:00:00").unwrap();
        let mut config = SandboxConfig { speed: Speed::VIRTUAL, start, ..SandboxConfig::default() };
        config.world.assumptions.duplicate_window = Duration::ZERO;
        config.world.assumptions.known_reference = KnownReference::SendAgain;
        let sandbox = Sandbox::start(config).await.unwrap();
        let builder = Client::builder().base_url(sandbox.url()).api_key(API_KEY);
        Self { direct: builder.build().unwrap(), sandbox }
    }

    /// How many messages the platform took for a number.
    async fn copies(&self, number: Msisdn) -> u64 {
        let path = format!("/sandbox/messages?phone={}", number.digits());
        let answer = self.direct.raw(Method::GET, &path, Bytes::new()).await.unwrap();
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        body["total"].as_u64().unwrap()
    }

    /// A contact list with contacts of these numbers.
    async fn list_of(&self, to: &[Addressee]) -> ContactListId {
        let name = format!("List of {}", to[0].reference);
        let draft = ContactListDraft::new(&name, None).unwrap();
        let list = self.direct.contact_lists().create(&draft).await.unwrap().id;
        for Addressee { number, .. } in to {
            let contact = ContactDraft::new(*number).lists([list]);
            self.direct.contacts().create(&contact).await.unwrap();
        }
        list
    }
}

/// The words for an outcome, and what is unsettled in it.
fn read<T>(outcome: Result<SendOutcome<T>, Error>) -> (&'static str, Option<Unsettled>) {
    match outcome {
        Ok(SendOutcome::Accepted(_)) => ("accepted", None),
        Ok(SendOutcome::Rejected(_)) => ("rejected", None),
        Ok(SendOutcome::AlreadyKnown(known)) => ("already known", Some(known.unsettled)),
        Ok(SendOutcome::Unknown(unknown)) => ("unknown", Some(unknown.unsettled)),
        Err(error) if error.certainty() == Certainty::NotSent => ("error, not sent", None),
        Err(_) => ("error, and nobody knows", None),
    }
}

/// The rows of one send, with retries or without, through a proxy of its own.
struct Series {
    stage: Arc<Stage>,
    proxy: Proxy,
    /// The clients' clock, in seconds.
    clock: Arc<AtomicU64>,
    /// Whatever answers at all is not late for this one, on however busy a machine.
    patient: Client,
    impatient: Client,
    send: Send,
    retry: bool,
}

impl Series {
    async fn new(stage: Arc<Stage>, send: Send, retry: bool) -> Self {
        let proxy = Proxy::start(stage.sandbox.address());
        let clock = Arc::new(AtomicU64::new(0));
        let client = |patience| {
            let seconds = Arc::clone(&clock);
            let wall = Arc::clone(&clock);
            let builder = Client::builder()
                .base_url(proxy.url())
                .api_key(API_KEY)
                .request_timeout(patience)
                .clock(move || Duration::from_secs(seconds.load(Ordering::Relaxed)))
                .wall_clock(move || Duration::from_secs(wall.load(Ordering::Relaxed)));
            let builder = if retry { builder.retry(hasty()) } else { builder.without_retry() };
            builder.build().unwrap()
        };
        let (patient, impatient) =
            (client(Duration::from_secs(60)), client(Duration::from_millis(300)));
        patient.account().balance().await.unwrap();
        // Its token is fetched before anything goes wrong, as often as that takes.
        while impatient.account().balance().await.is_err() {}
        Self { stage, proxy, clock, patient, impatient, send, retry }
    }

    async fn run(self) -> Vec<Said> {
        let mut said = Vec::new();
        for (at, row) in (0..).zip(rows()) {
            said.push(self.row(&row, self.recipients(at)).await);
        }
        said
    }

    /// The recipients of a row, whom no other has.
    fn recipients(&self, row: u64) -> Vec<Addressee> {
        let series = u64::from(self.retry) * 3 + self.send as u64;
        let first = 380_661_000_000 + series * 10_000 + row * 10;
        let addressee = |which: u64| Addressee {
            number: Msisdn::from_u64(first + which).unwrap(),
            reference: reference(&format!("s{series}r{row}w{which}")),
        };
        (0..if self.send == Send::One { 1 } else { 3 }).map(addressee).collect()
    }

    /// Sends once while a fault lasts, lifts it, and looks what became of it; all that must never be
    /// is asserted here.
    async fn row(&self, row: &Row, to: Vec<Addressee>) -> Said {
        let Self { send, retry, .. } = self;
        let context =
            format!("{} (arrives: {}), {send:?}, retry: {retry}", row.happens, row.arrives);
        let list = if *send == Send::Lists { self.stage.list_of(&to).await } else { 0.into() };
        let silent = row.fault.wrong == Wrong::Silence;
        let client = if silent { &self.impatient } else { &self.patient };

        let before = self.proxy.carried_out();
        self.proxy.befall(row.fault).await;
        let (outcome, unsettled) = self.send(client, &to, list).await;
        if row.arrives {
            self.proxy.until_carried_out(before + 1).await;
        }
        self.proxy.lift();

        for Addressee { number, .. } in &to {
            let copies = self.stage.copies(*number).await;
            assert_eq!(copies, u64::from(row.arrives), "{context}: {outcome}");
        }
        let honest: &[&str] =
            if row.arrives { &["accepted", "unknown"] } else { &["error, not sent", "unknown"] };
        assert!(honest.contains(&outcome), "{context}: {outcome}");

        let carried = if *send == Send::Lists { vec![] } else { to };
        let unsettled = unsettled.unwrap_or_else(|| client.unsettled(carried.clone()));
        assert_eq!(unsettled.addressees(), carried, "{context}");
        self.clock.fetch_add(client.settle_time().as_secs() + 1, Ordering::Relaxed);
        let resolved = match self.patient.resolve(&unsettled).await.expect(&context) {
            Resolution::Arrived(_) => "arrived",
            Resolution::Absent => "absent",
            Resolution::NotYet(_) => "not yet",
            Resolution::GivenUp { .. } => "given up",
        };
        let truth = match (send, row.arrives) {
            (Send::Lists, _) => "given up",
            (_, true) => "arrived",
            (_, false) => "absent",
        };
        assert_eq!(resolved, truth, "{context}: {outcome}");
        Said { outcome, resolved }
    }

    async fn send(
        &self,
        client: &Client,
        to: &[Addressee],
        list: ContactListId,
    ) -> (&'static str, Option<Unsettled>) {
        match self.send {
            Send::One => {
                let one = SingleSend::to(to[0].number).reference(to[0].reference);
                read(client.messages().send(&text(), &one).await)
            }
            Send::Many => {
                let batch = Batch::new(to.to_vec(), BatchCap::PLATFORM).unwrap();
                let many = CampaignSend::to(batch);
                read(client.campaigns().send(&text(), &many).await)
            }
            Send::Lists => read(client.campaigns().send_to_lists(&text(), &[list], None).await),
        }
    }
}

/// The default policy without its waits.
fn hasty() -> RetryPolicy {
    let tiny = Duration::from_millis(1);
    RetryPolicy::default().trouble_base(tiny).throttled_base(tiny)
}

/// The page, of what was said of each send.
fn page(said: &[Vec<Said>; 3]) -> String {
    let mut page = String::from(HEAD);
    for (at, row) in rows().iter().enumerate() {
        let arrives = if row.arrives { "yes" } else { "no" };
        write!(page, "| {} | {arrives} |", row.happens).unwrap();
        for of_send in said {
            let Said { outcome, resolved } = of_send[at];
            write!(page, " {outcome}; {resolved} |").unwrap();
        }
        page.push('\n');
    }
    page
}

const HEAD: &str = "\
<!-- Written by the test `fault_matrix` of the crate bsg-rcs: `WRITE_DOCS=1 cargo test -p bsg-rcs fault_matrix`. -->

# What goes wrong, and what the client says

The client over real sockets, a proxy that lets one thing go wrong, and the sandbox behind it. The
sandbox was told to remember no request and to take a known reference again, so that a send that
left twice would be seen twice. Each cell is what a send answered while the fault lasted, and what
`client.resolve` said of it after the fault was lifted and the send had settled. With retries and
without, it is the same.

In every row of this table, and for every recipient:

- the platform never got more than one copy;
- `accepted` was never said of a send that did not arrive;
- neither `rejected` nor an error was ever said of a send that arrived;
- `resolve` told the truth, or, of a send to contact lists, which carries no references, that it
  cannot tell.

| what goes wrong | it arrives | `messages().send` | `campaigns().send` | `campaigns().send_to_lists` |
| --- | --- | --- | --- | --- |
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_nobody_is_messaged_twice_and_the_client_says_what_it_knows() {
    let stage = Arc::new(Stage::new().await);
    let of = |send, retry| {
        let stage = Arc::clone(&stage);
        tokio::spawn(async move { Series::new(stage, send, retry).await.run().await })
    };
    let sends = [Send::One, Send::Many, Send::Lists];
    let running = [true, false].map(|retry| sends.map(|send| of(send, retry)));
    let mut seen = Vec::new();
    for running in running {
        let [one, many, lists] = running;
        seen.push([one.await.unwrap(), many.await.unwrap(), lists.await.unwrap()]);
    }
    assert_eq!(seen[0], seen[1], "with retries and without");
    check_page(&page(&seen[0]));
}

#[expect(clippy::print_stdout, reason = "the matrix is what this test is for")]
fn check_page(page: &str) {
    println!("{page}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/fault-matrix.md");
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        page, written,
        "docs/fault-matrix.md is not what was seen; to write it: \
         WRITE_DOCS=1 cargo test -p bsg-rcs fault_matrix"
    );
}
