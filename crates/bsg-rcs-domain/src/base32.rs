//! The letters of references and campaign ids: base 32, in lower case.

use data_encoding::BASE32_NOPAD;

/// Lower-case base 32 of RFC 4648, without padding: 32 letters hold 20 bytes, 13 hold 8.
pub(crate) fn letters<const BYTES: usize, const LETTERS: usize>(
    bytes: &[u8; BYTES],
) -> [u8; LETTERS] {
    let mut letters = [0; LETTERS];
    BASE32_NOPAD.encode_mut(bytes, &mut letters);
    letters.make_ascii_lowercase();
    letters
}

/// The bytes of exactly that; `None` for anything else, capitals among it.
pub(crate) fn bytes<const LETTERS: usize, const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let mut letters: [u8; LETTERS] = text.as_bytes().try_into().ok()?;
    if letters.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    letters.make_ascii_uppercase();
    let mut bytes = [0; BYTES];
    BASE32_NOPAD.decode_mut(&letters, &mut bytes).ok().map(|_| bytes)
}
