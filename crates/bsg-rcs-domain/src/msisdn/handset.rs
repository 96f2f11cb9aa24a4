//! Numbers that differ and ring on the same handset.

use super::Msisdn;

impl Msisdn {
    /// The one of several forms of a number by which two of them are told to reach the same
    /// handset; for most numbers the number itself. It is for comparing, not for sending.
    ///
    /// - Argentina: a mobile has a 9 behind the calling code that it lacks in the country. One
    ///   number is never given out both as a mobile and as a landline.
    /// - Brazil: all mobiles got a ninth digit, a 9 behind the area code, by 2016.
    /// - Mexico's infix is taken off on reading ([`Msisdn::normalise`]).
    ///
    /// ```
    /// use bsg_rcs_domain::Msisdn;
    ///
    /// let (old, new) = (Msisdn::from_u64(551187654321)?, Msisdn::from_u64(5511987654321)?);
    /// assert_eq!(old.handset(), new.handset());
    /// # Ok::<(), bsg_rcs_domain::msisdn::NotANumber>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn handset(self) -> Self {
        const SHORT: u64 = 10_000_000_000;
        const ARGENTINE_MOBILE: u64 = 549 * SHORT;
        let number = self.as_u64();
        // Twelve digits: a calling code of two, and ten more.
        let form = match number / SHORT {
            54 => (number % SHORT).saturating_add(ARGENTINE_MOBILE),
            55 => return self.with_ninth_digit(),
            _ => return self,
        };
        Self::from_u64(form).unwrap_or(self)
    }

    /// A Brazilian number of ten national digits, as mobiles had it, in today's form.
    fn with_ninth_digit(self) -> Self {
        const SUBSCRIBER: u64 = 100_000_000;
        let number = self.as_u64();
        let (area, subscriber) = (number / SUBSCRIBER, number % SUBSCRIBER);
        // Landlines begin with 2 to 5, trunked radio with 7; those never got it.
        match subscriber / 10_000_000 {
            6 | 8 | 9 => {
                let form = area
                    .checked_mul(10)
                    .and_then(|area| area.checked_add(9))
                    .and_then(|area| area.checked_mul(SUBSCRIBER))
                    .and_then(|area| area.checked_add(subscriber));
                form.and_then(|form| Self::from_u64(form).ok()).unwrap_or(self)
            }
            _ => self,
        }
    }
}
