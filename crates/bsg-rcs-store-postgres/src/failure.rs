//! What can go wrong between us and PostgreSQL, until it is put into the words of a [`StoreError`].

use bsg_rcs_store::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// A failure inside the store.
#[derive(Debug)]
pub(crate) enum Failure {
    /// PostgreSQL said no, or is not there.
    Postgres(Error),
    /// It has its final words already.
    Store(StoreError),
}

impl Failure {
    /// A column holds what no version of this program writes.
    pub(crate) fn corrupt(what: &str) -> Self {
        Self::Store(StoreError::Corrupt(what.to_owned()))
    }

    /// Whether the transaction was certainly undone, for no reason of its own.
    pub(crate) fn may_be_repeated(&self) -> bool {
        let Self::Postgres(error) = self else { return false };
        let states = [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            // We were away for longer than the server waits for.
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        ];
        error.code().is_some_and(|code| states.contains(code))
    }

    /// The failure in words that name no backend.
    pub(crate) fn into_store(self, doing: &'static str) -> StoreError {
        match self {
            Self::Store(error) => error,
            Self::Postgres(error) => StoreError::Backend { doing, source: words(&error).into() },
        }
    }
}

/// The words of an error, without the values that the database adds to them.
pub(crate) fn words(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        return format!("{} ({})", said.message(), said.code().code());
    }
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(below) = source {
        let said = below.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        source = below.source();
    }
    words
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
