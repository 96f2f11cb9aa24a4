//! One message to any number of recipients: each once, in as few requests as the platform allows.

use std::collections::HashSet;

use bsg_rcs_domain::{Addressee, Batch, BatchCap, Message, Msisdn};
use bsg_rcs_wire::mapping::incoming::RemoteCampaign;

use crate::call::unbuilt;
use crate::campaigns::{CampaignSend, Campaigns};
use crate::error::Error;
use crate::messages::mint;
use crate::outcome::SendOutcome;

/// What became of one batch of [`Campaigns::send_all`].
#[derive(Debug, Clone)]
#[non_exhaustive]
#[must_use = "a batch that is unknown must be looked up before it is sent again"]
pub struct BatchOutcome {
    /// Its recipients, each with its reference.
    pub batch: Batch,
    /// What the platform made of it; an error if nothing was sent.
    pub outcome: Result<SendOutcome<RemoteCampaign>, Error>,
}

impl Campaigns<'_> {
    /// The recipients of a send to all of these numbers: each number once, in batches of at most
    /// 5000, each recipient under a reference that is minted. Keep them before they are sent.
    ///
    /// # Errors
    /// [`Error`] if the system gives no random bytes.
    pub fn batches(numbers: impl IntoIterator<Item = Msisdn>) -> Result<Vec<Batch>, Error> {
        let mut seen = HashSet::new();
        let once = numbers.into_iter().filter(|number| seen.insert(*number));
        let addressee = |number| Ok(Addressee { number, reference: mint()? });
        let all = once.map(addressee).collect::<Result<Vec<_>, Error>>()?;
        let most = usize::from(BatchCap::PLATFORM.get());
        let batch = |some: &[Addressee]| Batch::new(some.to_vec(), BatchCap::PLATFORM);
        all.chunks(most).map(|some| batch(some).map_err(|why| unbuilt(&why))).collect()
    }

    /// Sends one message to all of these numbers: each number once, in batches of at most 5000, one
    /// after the other. What became of each stands in the answer, in the order of the numbers; after
    /// a batch of which nothing was sent the rest is tried all the same.
    ///
    /// Nothing of this is kept: a process that ends in the middle does not know what it sent. What
    /// must survive that is the business of `bsg-rcs-campaign`, or send [`batches`](Self::batches)
    /// one by one and keep them.
    ///
    /// ```no_run
    /// # use bsg_rcs::{Client, Message, Msisdn};
    /// # async fn run(client: &Client, numbers: Vec<Msisdn>) -> Result<(), Box<dyn std::error::Error>> {
    /// let message = Message::text("my_agent", "We are open again.")?;
    /// for sent in client.campaigns().send_all(&message, numbers).await? {
    ///     println!("{} recipients: {:?}", sent.batch.len(), sent.outcome?);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] if no references can be minted; nothing was sent then.
    pub async fn send_all(
        self,
        message: &Message,
        numbers: impl IntoIterator<Item = Msisdn>,
    ) -> Result<Vec<BatchOutcome>, Error> {
        let mut outcomes = Vec::new();
        for batch in Self::batches(numbers)? {
            let outcome = self.send(message, &CampaignSend::to(batch.clone())).await;
            outcomes.push(BatchOutcome { batch, outcome });
        }
        Ok(outcomes)
    }
}
