//! The list of all laws.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::subject::{Seen, Subject, Terms};
use super::{Kit, certainty, limits, many, once, whole};
use crate::transport::Transport;

type Proof = Pin<Box<dyn Future<Output = Seen> + Send>>;

/// One sentence of the contract, and the proof of it.
pub struct Law {
    name: &'static str,
    pub(super) needs: Needs,
    proof: fn(Subject) -> Proof,
}

/// What a transport must be able to do for a law to mean anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Tls,
    Names,
}

macro_rules! laws {
    ($($file:ident :: $name:ident $(needs $needs:ident)?),* $(,)?) => {
        &[$(Law {
            name: stringify!($name),
            needs: laws!(@ $($needs)?),
            proof: |subject| Box::pin($file::$name(subject)),
        }),*]
    };
    (@) => { Needs::Nothing };
    (@ $needs:ident) => { Needs::$needs };
}

/// In the order in which a transport learns them.
static LAWS: &[Law] = laws![
    whole::a_request_arrives_with_its_whole_body,
    whole::a_request_arrives_with_its_method,
    whole::a_request_arrives_with_every_header,
    whole::an_answer_comes_back_with_its_whole_body,
    whole::an_answer_in_chunks_is_put_together,
    whole::an_answer_comes_back_with_every_header,
    whole::a_compressed_body_is_left_as_it_is,
    whole::every_status_is_an_answer,
    certainty::a_refused_connection_sent_nothing,
    certainty::a_name_that_does_not_resolve_sent_nothing needs Names,
    certainty::a_failed_tls_handshake_sent_nothing needs Tls,
    certainty::a_tls_handshake_that_is_cut_off_sent_nothing needs Tls,
    certainty::what_reached_a_closing_server_was_not_unsent,
    certainty::a_reset_after_the_first_bytes_may_have_sent,
    certainty::a_connection_closed_in_place_of_an_answer_may_have_sent,
    certainty::a_connection_reset_in_place_of_an_answer_may_have_sent,
    certainty::a_head_cut_short_may_have_sent,
    certainty::a_body_shorter_than_announced_may_have_sent,
    certainty::chunks_without_an_end_may_have_sent,
    certainty::an_answer_that_is_no_http_may_have_sent,
    once::a_redirect_is_not_followed,
    once::a_redirect_to_nowhere_is_an_answer_too,
    once::a_request_that_failed_is_not_sent_again,
    once::a_server_error_is_not_tried_again,
    once::a_loss_on_a_reused_connection_is_told_and_not_sent_again,
    once::on_a_connection_that_went_stale_a_request_arrives_at_most_once,
    limits::a_time_limit_strikes_before_the_answer,
    limits::a_time_limit_strikes_within_the_body,
    limits::a_dropped_exchange_closes_its_connection,
    limits::an_answer_that_announces_too_much_fails,
    limits::an_answer_that_turns_out_too_large_is_refused,
    many::of_many_at_once_each_gets_its_own_answer,
];

/// Every law of the kit.
#[must_use]
pub fn laws() -> &'static [Law] {
    LAWS
}

impl Law {
    /// Its sentence, in words joined by underscores.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Puts one transport to the proof of this law alone, on the kit's terms.
    ///
    /// # Errors
    ///
    /// What was seen in place of what the law asks for; also when the transport panicked.
    pub async fn hold(&self, kit: &Kit, transport: impl Transport + 'static) -> Seen {
        self.prove(kit.terms.clone(), Arc::new(transport)).await
    }

    /// In a task of its own, so that a transport's panic is a finding like any other.
    pub(super) async fn prove(&self, terms: Terms, transport: Arc<dyn Transport>) -> Seen {
        // Some laws make many exchanges, and each of them is patient by itself.
        let bound = terms.patience.saturating_mul(4);
        let proof = (self.proof)(Subject { transport, terms });
        let mut task = tokio::task::JoinSet::new();
        task.spawn(tokio::time::timeout(bound, proof));
        match task.join_next().await {
            Some(Ok(in_time)) => {
                in_time.unwrap_or_else(|_| Err(format!("no end within {bound:?}")))
            }
            Some(Err(error)) if error.is_panic() => Err(words_of(&*error.into_panic())),
            _ => Err("the proof was cancelled".to_owned()),
        }
    }
}

fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("the transport panicked: {}", words.unwrap_or_default())
}

impl fmt::Debug for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Law").field(&self.name).finish()
    }
}
