//! Where callbacks go: the one promise that an acknowledgement rests on.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use bsg_rcs_wire::mapping::incoming::{self, CallbackEvent, Unmappable};
use bsg_rcs_wire::{Callback, Misread};
use bytes::Bytes;

/// One callback as it came through the right door.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The bytes as they came, or unpacked if they came in gzip: at most [`BODY_MAX`](crate::BODY_MAX).
    pub body: Bytes,
}

impl Incoming {
    /// What the bytes say. Not read before it is asked for: an inbox may keep what it cannot read, and read what
    /// it kept much later.
    ///
    /// ```
    /// use bsg_rcs_webhook::{Bytes, Incoming};
    ///
    /// let incoming = Incoming { body: Bytes::from_static(br#"{"id": 7, "status": "READ"}"#) };
    /// assert!(incoming.read().is_ok());
    /// assert!(Incoming { body: Bytes::from_static(b"hello") }.read().is_err());
    /// ```
    ///
    /// # Errors
    /// [`Misread`] as [`Callback::read`] says.
    pub fn read(&self) -> Result<Callback, Misread> {
        Callback::read(&self.body)
    }

    /// What the bytes say, as values: see [`read`].
    ///
    /// # Errors
    /// As [`read`].
    pub fn event(&self) -> Result<CallbackEvent, ReadError> {
        read(&self.body)
    }
}

/// Why a callback cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The bytes are no callback.
    #[error(transparent)]
    Body(#[from] Misread),
    /// It lacks what nothing can be done without.
    #[error(transparent)]
    Field(#[from] Unmappable),
}

/// Reads the body of a callback into values: a report or a click.
///
/// ```
/// use bsg_rcs_webhook::{CallbackEvent, read};
///
/// let body = br#"{"id": 7, "reference": "hello", "status": "READ", "price": "0.01", "currency": "EUR"}"#;
/// match read(body)? {
///     CallbackEvent::Report(told) => assert_eq!(told.price.to_string(), "0.0100000 EUR"),
///     CallbackEvent::Click(click) => println!("{:?}", click.postback),
///     _ => {}
/// }
/// # Ok::<(), bsg_rcs_webhook::ReadError>(())
/// ```
///
/// # Errors
/// [`ReadError`] if the bytes are no callback, or one without an id, or a report without a status.
pub fn read(body: &[u8]) -> Result<CallbackEvent, ReadError> {
    Ok(incoming::event(&Callback::read(body)?)?)
}

/// The body's length, and what it is: it holds a phone number and texts.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("read", &self.read())
            .finish()
    }
}

/// Keeps callbacks.
///
/// # What an implementation keeps
///
/// **Durable before `Ok`.** The platform is told 200 as soon as [`keep`](Self::keep) answers `Ok`,
/// and may never say the same again. What was not on disk by then (or wherever it survives this
/// process) is lost.
///
/// **All or nothing.** An error means that none of these callbacks is kept. Each of their senders
/// is answered 503 and may send again, so a callback that was kept all the same is merely a
/// repetition: keeping must bear those anyway.
///
/// **No judgement.** What is unreadable, foreign, or says what cannot be is set aside, up to a
/// bound of the implementation's own, and is `Ok`. An error means that nothing at all can be kept
/// now: the disk is full, the database is gone. An inbox that failed over one callback would turn
/// away all that came with it, again and again.
///
/// **One or many.** `callbacks` holds at least one, and as many as waited while the call before
/// was busy, in the order of their arrival: one transaction for all of them is meant. There are at most two
/// calls at a time for each router, the second only under load: it can prepare while the first is brought
/// to the disk; what has one file to write to keeps them apart. A call is not dropped half way while
/// the process lives, not even when the senders hang up.
///
/// **Its errors quote nothing.** They are logged, so they hold no number and no body.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Keeps all of `callbacks`, at least one, so that they survive the end of the process.
    ///
    /// # Errors
    /// [`InboxError`] if none of them is kept.
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError>;

    /// Whether callbacks could be kept now. `GET /readyz` asks, and takes no answer within five
    /// seconds for a no.
    ///
    /// # Errors
    /// [`InboxError`]: why they could not.
    async fn ready(&self) -> Result<(), InboxError> {
        Ok(())
    }
}

/// Why the callbacks of one call were not kept; none of them.
#[derive(Debug, thiserror::Error)]
#[error("the callbacks could not be kept")]
pub struct InboxError {
    source: Box<dyn Error + Send + Sync>,
}

impl InboxError {
    /// A failure with its cause: an error or a sentence, without a number or a body in it.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: cause.into() }
    }
}
