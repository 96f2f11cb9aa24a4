//! Single messages, and the list of all messages.

use std::fmt;

use bsg_rcs_domain::message::CallbackUrl;
use bsg_rcs_domain::{
    Addressee, CivilDateTime, Message, MessageId, Msisdn, ReferenceId, RemoteCampaignId,
};
use bsg_rcs_transport::{Bytes, LeaveWhile, http};
use bsg_rcs_wire::Data;
use bsg_rcs_wire::generated::{self as wire, paths, query};
use bsg_rcs_wire::mapping::incoming::{self, RemoteMessage};
use bsg_rcs_wire::mapping::outgoing;
use http::{Method, Response};

use crate::call::{Call, PAGE, misread, read_success, unbuilt};
use crate::client::Client;
use crate::error::Error;
use crate::listing::{self, Listed, Listing, Page};
use crate::outcome::{self, DryRun, SendOutcome};
use crate::rules;

/// Calls about messages.
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a>(pub(crate) &'a Client);

impl Client {
    /// Single messages, and the list of all messages.
    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }
}

/// Whom a single message is for.
#[derive(Clone)]
#[must_use]
pub struct SingleSend {
    number: Msisdn,
    reference: Option<ReferenceId>,
    callback_url: Option<CallbackUrl>,
    gate: Option<LeaveWhile>,
}

impl SingleSend {
    /// To this number, under a reference that is minted here and now: see
    /// [`reference_id`](Self::reference_id).
    pub fn to(number: Msisdn) -> Self {
        Self { number, reference: mint().ok(), callback_url: None, gate: None }
    }

    /// The reference that it is sent under: keep it before the send, and look it up by
    /// [`Client::unsettled`] if the send is dropped. `None` only if the system gives no random
    /// bytes to mint one; then nothing is sent.
    pub const fn reference_id(&self) -> Option<ReferenceId> {
        self.reference
    }

    /// The number.
    pub const fn number(&self) -> Msisdn {
        self.number
    }

    /// Under the caller's own reference. Sending it twice is refused by the platform (assumption
    /// A15), so it makes a retry safe.
    pub const fn reference(mut self, reference: ReferenceId) -> Self {
        self.reference = Some(reference);
        self
    }

    /// Reports and clicks of this message go to `url` instead of the account's.
    pub fn callback_url(mut self, url: CallbackUrl) -> Self {
        self.callback_url = Some(url);
        self
    }

    /// Asked immediately before every exchange that would carry the send, repeats included; the
    /// send is withheld once it answers `false`. See [`ErrorKind::Withheld`](crate::ErrorKind).
    pub fn leave_while(mut self, gate: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.gate = Some(LeaveWhile::new(gate));
        self
    }
}

/// Without the callback's URL, whose path may be a secret.
impl fmt::Debug for SingleSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleSend")
            .field("number", &self.number)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// Which messages to list. All of them, unless narrowed.
///
/// ```
/// use bsg_rcs::MessageFilter;
///
/// let filter = MessageFilter::default().campaign(4_419_393_338);
/// assert_eq!(filter.campaign.map(u64::from), Some(4_419_393_338));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
#[must_use]
pub struct MessageFilter {
    /// Those of one campaign, by the platform's id.
    pub campaign: Option<RemoteCampaignId>,
    /// Those with this reference: the message, and the SMS of its alternative channel.
    pub reference: Option<ReferenceId>,
    /// The one with this id.
    pub id: Option<MessageId>,
    /// Those sent at or after this time, in the platform's own zone. Without it the platform lists
    /// what was sent in the last three months.
    pub from: Option<CivilDateTime>,
    /// Those sent at or before this time.
    pub to: Option<CivilDateTime>,
}

impl MessageFilter {
    /// Those of one campaign, by the platform's id.
    pub fn campaign(self, id: impl Into<RemoteCampaignId>) -> Self {
        Self { campaign: Some(id.into()), ..self }
    }

    /// Those with this reference.
    pub fn reference(self, reference: impl Into<Option<ReferenceId>>) -> Self {
        Self { reference: reference.into(), ..self }
    }

    /// The one with this id.
    pub fn id(self, id: impl Into<Option<MessageId>>) -> Self {
        Self { id: id.into(), ..self }
    }

    /// Those sent at or after this time.
    pub fn from(self, time: impl Into<Option<CivilDateTime>>) -> Self {
        Self { from: time.into(), ..self }
    }

    /// Those sent at or before this time.
    pub fn to(self, time: impl Into<Option<CivilDateTime>>) -> Self {
        Self { to: time.into(), ..self }
    }
}

impl Messages<'_> {
    /// The most messages that one page can have.
    pub const PAGE_MAX: u32 = *PAGE.end();

    /// Sends one message at once (`POST /api/messages/rcs/send`). The receipt carries the reference
    /// that it was sent under.
    ///
    /// # Cancellation
    /// A future that is dropped may have sent. What was sent is looked up by the reference: keep
    /// [`SingleSend::reference_id`] before the send.
    ///
    /// # Errors
    /// [`Error`] only if nothing was sent; see [`SendOutcome`] for the rest. A call button that is not
    /// allowed in the recipient's country is
    /// [`ErrorKind::RuleBroken`](crate::ErrorKind::RuleBroken).
    pub async fn send(
        self,
        message: &Message,
        send: &SingleSend,
    ) -> Result<SendOutcome<RemoteMessage>, Error> {
        let reference = send.reference.ok_or_else(|| unbuilt(&"no reference could be minted"))?;
        let to = Addressee { number: send.number, reference };
        rules::judge_countries(message, &[to])?;
        let callback_url = send.callback_url.as_ref().map(CallbackUrl::as_str);
        let body = outgoing::single_send(message, &to, callback_url);
        let call = Call::change(Method::POST, paths::MESSAGES_RCS_SEND)
            .json(&body)?
            .leave_while(send.gate.clone());
        let outcome = outcome::of_send(self.0, &call, vec![to], receipt).await?;
        // The platform need not echo the reference.
        Ok(outcome.map(|mut sent| {
            sent.reference = Some(reference);
            sent
        }))
    }

    /// Asks the platform whether it would take a message, and sends nothing
    /// (`POST /api/messages/send` with `dry_run`; what it answers is assumption A13). Agent, content
    /// and alternative channel are looked at; validity and tariff have no place in that call.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, fails, or answers as if it had sent something.
    pub async fn dry_run(self, message: &Message, number: Msisdn) -> Result<DryRun, Error> {
        let to = Addressee { number, reference: mint()? };
        let body = outgoing::dry_message(message, &to);
        let call = Call::change(Method::POST, paths::MESSAGES_SEND).json(&body)?;
        outcome::of_dry_run(&self.0.exchange(&call).await?)
    }

    /// The messages with this reference (assumption A20); references compare without case.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else: among it a
    /// part of a list of other messages, which would not say that there is none with this one.
    pub async fn find(self, reference: ReferenceId) -> Result<FoundMessages, Error> {
        let page = self.listed_by(reference).await?;
        let mut found = FoundMessages { messages: Vec::new(), is_complete: page.is_whole };
        found.is_complete &= page.unreadable == 0;
        for mut message in page.messages {
            match message.reference {
                None => found.is_complete = false,
                Some(theirs) if !is_same(theirs, reference) => {}
                Some(_) => {
                    message.reference = Some(reference);
                    found.messages.push(message);
                }
            }
        }
        Ok(found)
    }

    /// What the platform lists when it is asked for a reference, as it lists it.
    ///
    /// # Errors
    /// [`Error`] as of [`find`](Self::find).
    pub(crate) async fn listed_by(self, reference: ReferenceId) -> Result<ListedPart, Error> {
        let filter = MessageFilter::default().reference(reference);
        let page = self.page(filter, 0, *PAGE.start()).await?;
        let is_whole = match page.total {
            Some(total) => page.count() == total,
            None => page.count() < u64::from(*PAGE.start()),
        };
        let is_named = |message: &RemoteMessage| {
            message.reference.is_none_or(|theirs| is_same(theirs, reference))
        };
        // A platform that passes over a filter must not be taken for one that found nothing: "there
        // is none" lets a message be sent again.
        if !is_whole && page.unreadable == 0 && !page.items.iter().any(is_named) {
            return Err(misread(&"the list is not narrowed to the reference"));
        }
        Ok(ListedPart { messages: page.items, unreadable: page.unreadable, is_whole })
    }

    /// One page of the list (`GET /api/messages`): `limit` is brought within 15 to 500.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else.
    pub async fn page(
        self,
        filter: MessageFilter,
        offset: u64,
        limit: u32,
    ) -> Result<Page<RemoteMessage>, Error> {
        let mut call = Call::get(paths::MESSAGES)
            .page(offset, limit)
            .query(query::SORT, "id")
            .query(query::WAY, "asc");
        if let Some(campaign) = filter.campaign {
            call = call.query(query::FILTER_CAMPAIGN_ID, campaign);
        }
        if let Some(reference) = filter.reference {
            call = call.query(query::FILTER_REFERENCE_ID, reference);
        }
        if let Some(id) = filter.id {
            call = call.query(query::FILTER_ID, id.0);
        }
        if let Some(from) = filter.from {
            call = call.query(query::FILTER_FROM, from);
        }
        if let Some(to) = filter.to {
            call = call.query(query::FILTER_TO, to);
        }
        let page: Listed<wire::Message> = self.0.ask(&call).await?;
        Ok(Page::of(&page, incoming::message))
    }

    /// The whole list, page by page, oldest first. It ends with the first error.
    ///
    /// ```no_run
    /// use bsg_rcs::{Client, MessageFilter};
    ///
    /// # async fn run(client: &Client) -> Result<(), bsg_rcs::Error> {
    /// let filter = MessageFilter::default().campaign(4_419_393_338);
    /// let mut messages = client.messages().all(filter);
    /// while let Some(message) = messages.next().await {
    ///     println!("{:?}", message?.report.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn all(self, filter: MessageFilter) -> Listing<RemoteMessage> {
        let client = self.0.clone();
        Listing::new(listing::every(Self::PAGE_MAX, id_of, move |offset, limit| {
            let client = client.clone();
            async move { client.messages().page(filter, offset, limit).await }
        }))
    }
}

/// The messages of one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundMessages {
    /// The messages that carry the reference: the message, and the SMS of its alternative channel.
    pub messages: Vec<RemoteMessage>,
    /// Whether everything that the platform listed could be read and compared. If not, that there is
    /// no message must not be concluded.
    pub is_complete: bool,
}

/// A part of the list of messages, and whether it is all of it.
pub(crate) struct ListedPart {
    pub(crate) messages: Vec<RemoteMessage>,
    pub(crate) unreadable: usize,
    pub(crate) is_whole: bool,
}

/// Whether two references are the same; a platform may answer one in another case.
pub(crate) fn is_same(one: ReferenceId, other: ReferenceId) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

/// The id of a message, by which pages are told apart.
pub(crate) fn id_of(message: &RemoteMessage) -> Option<u64> {
    Some(message.report.message.0)
}

fn receipt(answer: &Response<Bytes>) -> Result<RemoteMessage, Error> {
    let answer: Data<wire::Message> = read_success(answer)?;
    let message = answer.data.ok_or_else(|| misread(&"the message is missing"))?;
    Ok(incoming::message(&message)?)
}

/// A reference that nobody else has: 160 random bits as 32 characters of base 32.
pub(crate) fn mint() -> Result<ReferenceId, Error> {
    let mut random = [0_u8; 20];
    getrandom::fill(&mut random).map_err(|why| unbuilt(&why))?;
    Ok(ReferenceId::from_random(random))
}
