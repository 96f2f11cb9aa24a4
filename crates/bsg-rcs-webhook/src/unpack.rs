//! Bodies that were packed on their way.
//!
//! What a body is, is read off its bytes: the header `Content-Encoding` says `identity`, `UTF-8` and
//! other things that mean nothing, and a report must not be lost for it.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;

/// The largest body of a callback that is taken, in bytes. Real ones have a few hundred.
pub const BODY_MAX: usize = 64 * 1024;
/// How gzip begins; JSON never does.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The body unpacked, if it is gzip and no more than [`BODY_MAX`] once it is unpacked; else as it came.
pub(crate) fn unpacked(body: Bytes) -> Bytes {
    if !body.starts_with(&GZIP) {
        return body;
    }
    let bound = u64::try_from(BODY_MAX).unwrap_or(u64::MAX);
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(&*body).take(bound.saturating_add(1)).read_to_end(&mut plain);
    match read {
        Ok(length) if length <= BODY_MAX => Bytes::from(plain),
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(plain: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(plain).unwrap();
        Bytes::from(encoder.finish().unwrap())
    }

    #[test]
    fn gzip_is_unpacked_within_the_bound_and_the_rest_is_left_alone() {
        let report = br#"{"id": 1, "status": "read"}"#;
        assert_eq!(unpacked(packed(report)), &report[..]);
        assert_eq!(unpacked(Bytes::from_static(report)), &report[..]);
        assert_eq!(unpacked(packed(&[b' '; BODY_MAX])).len(), BODY_MAX);
        // A bomb, a broken one, and a beginning.
        for odd in
            [packed(&[b' '; BODY_MAX + 1]), packed(report).slice(..12), Bytes::from_static(&GZIP)]
        {
            assert_eq!(unpacked(odd.clone()), odd);
        }
    }
}
