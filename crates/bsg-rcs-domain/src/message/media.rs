//! Media: the types that the platform lists, and how large a file may be. We see urls, not files,
//! so a size is judged only where the caller knows it.

use crate::fault::Fault;
use crate::rules::{self, Rule};

/// A kind of media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Media {
    /// jpeg, jpg, gif or png, at most 2 MB.
    Picture,
    /// h263, m4v, mp4, mpeg, mpeg4 or webm, at most 10 MB.
    Video,
}

const PICTURES: [&str; 4] = ["jpeg", "jpg", "gif", "png"];
const VIDEOS: [&str; 6] = ["h263", "m4v", "mp4", "mpeg", "mpeg4", "webm"];

impl Media {
    /// The kind that a url's ending names, in any case; `None` for another ending, or none.
    pub fn of_url(url: &str) -> Option<Self> {
        let ending = ending(url)?;
        let among = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(ending));
        match (among(&PICTURES), among(&VIDEOS)) {
            (true, _) => Some(Self::Picture),
            (_, true) => Some(Self::Video),
            _ => None,
        }
    }

    /// Whether a url's ending names a type that the platform does not list; a url without an
    /// ending is let pass.
    pub fn is_foreign(url: &str) -> bool {
        ending(url).is_some() && Self::of_url(url).is_none()
    }

    /// The most bytes that a file may have: 2 MB or 10 MB, of 1048576 bytes each (the platform
    /// does not say which megabyte it means; the wider refuses nothing that might pass).
    pub const fn max_bytes(self) -> u64 {
        match self.size_rule().bounds {
            Some(bounds) => bounds.max,
            None => u64::MAX,
        }
    }

    /// Judges a file's size.
    ///
    /// ```
    /// use bsg_rcs_domain::message::Media;
    ///
    /// let video = Media::of_url("https://example.com/menu.mp4").unwrap();
    /// assert!(video.check_size(10_485_760, "cards[0].media").is_ok());
    /// let fault = video.check_size(10_485_761, "cards[0].media").unwrap_err();
    /// assert_eq!(fault.rule.id, "MEDIA-SIZE-VIDEO");
    /// ```
    ///
    /// # Errors
    /// `MEDIA-SIZE-PICTURE` or `MEDIA-SIZE-VIDEO` at `place` if it is empty or too large.
    pub fn check_size(self, bytes: u64, place: &str) -> Result<(), Fault> {
        let rule = self.size_rule();
        match rule.bounds {
            Some(bounds) if !bounds.hold(bytes) => Err(Fault::measured(rule, place, bytes)),
            _ => Ok(()),
        }
    }

    const fn size_rule(self) -> &'static Rule {
        match self {
            Self::Picture => &rules::MEDIA_SIZE_PICTURE,
            Self::Video => &rules::MEDIA_SIZE_VIDEO,
        }
    }
}

/// What stands behind the last dot of a url's last name.
fn ending(url: &str) -> Option<&str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map(|(_, ending)| ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_kind_by_its_ending() {
        for (url, kind, foreign) in [
            ("https://example.com/a.JPG?x=1", Some(Media::Picture), false),
            ("https://example.com/a.b/c.mpeg4#t", Some(Media::Video), false),
            ("https://example.com/a.tiff", None, true),
            ("https://example.com/picture", None, false),
            ("https://example.com/a.b/picture?c.d", None, false),
        ] {
            assert_eq!((Media::of_url(url), Media::is_foreign(url)), (kind, foreign), "{url}");
        }
        assert_eq!((Media::Picture.max_bytes(), Media::Video.max_bytes()), (2_097_152, 10_485_760));
    }

    #[test]
    fn a_picture_has_1_byte_to_2_mb() {
        for (bytes, fits) in [(0, false), (1, true), (2_097_152, true), (2_097_153, false)] {
            assert_eq!(Media::Picture.check_size(bytes, "m").is_ok(), fits, "{bytes}");
        }
    }
}
