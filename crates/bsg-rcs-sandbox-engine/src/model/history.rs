//! The way of a message so far, in as little room as it needs: there can be millions.

use bsg_rcs_domain::MessageStatus;

use crate::model::time::VirtualTime;

/// A status and when the message took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Station {
    /// The status.
    pub status: MessageStatus,
    /// Since when.
    pub at: VirtualTime,
}

/// Stations of one message at most. The longest way has six: scheduled, accepted, sending, sent, delivered, read.
const LONGEST: usize = 8;
/// Bits of a packed station that are its moment: the years until 9999, in milliseconds, need 48.
const MOMENT_BITS: u32 = 48;
const MOMENT: u64 = (1 << MOMENT_BITS) - 1;

/// The stations of a message, oldest first; never empty. Each is one number: the status, counted from 1, above the
/// moment; 0 where there is none yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct History([u64; LONGEST]);

impl History {
    /// A history that begins here.
    pub(crate) fn begin(status: MessageStatus, at: VirtualTime) -> Self {
        let mut packed = [0; LONGEST];
        packed[0] = pack(Station { status, at });
        Self(packed)
    }

    /// Adds a station. One too many takes the place of the last: where a message stands is never lost.
    pub(crate) fn push(&mut self, station: Station) {
        let free = self.0.iter().position(|packed| *packed == 0).unwrap_or(LONGEST - 1);
        self.0[free] = pack(station);
    }

    /// The stations, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Station> {
        self.0.iter().filter_map(|packed| unpack(*packed))
    }

    /// Where it stands.
    pub(crate) fn last(&self) -> Option<Station> {
        self.iter().next_back()
    }

    /// Where it began.
    pub(crate) fn first(&self) -> Option<Station> {
        unpack(self.0[0])
    }
}

fn pack(Station { status, at }: Station) -> u64 {
    let code = MessageStatus::ALL.iter().position(|other| *other == status).unwrap_or(0);
    let code = u64::try_from(code).unwrap_or(0) + 1;
    code << MOMENT_BITS | u64::try_from(at.millis()).unwrap_or(0) & MOMENT
}

fn unpack(packed: u64) -> Option<Station> {
    let code = usize::try_from(packed >> MOMENT_BITS).ok()?.checked_sub(1)?;
    let at = VirtualTime::from_millis(i64::try_from(packed & MOMENT).ok()?);
    Some(Station { status: *MessageStatus::ALL.get(code)?, at })
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_at_every_moment_is_kept() {
        for millis in [0, 1, 1_767_603_600_123, i64::MAX] {
            let at = VirtualTime::from_millis(millis);
            for status in MessageStatus::ALL {
                let station = Station { status, at };
                assert_eq!(unpack(pack(station)), Some(station));
            }
        }
    }

    #[test]
    fn stations_come_in_their_order_and_the_last_is_never_lost() {
        let at = VirtualTime::from_millis;
        let mut history = History::begin(MessageStatus::Unknown, at(0));
        let ways: Vec<_> = MessageStatus::ALL.into_iter().zip(0..).skip(1).collect();
        for (count, (status, millis)) in ways.into_iter().enumerate() {
            history.push(Station { status, at: at(millis) });
            assert_eq!(history.iter().count(), (count + 2).min(LONGEST));
            assert_eq!(history.last(), Some(Station { status, at: at(millis) }));
            assert_eq!(history.first().map(|station| station.at), Some(at(0)));
        }
    }
}
