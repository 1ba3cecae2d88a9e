//! How one sample lies in the file.

use crate::g711;

/// How samples are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Unsigned 8-bit PCM.
    Pcm8,
    /// Signed 8-bit PCM, in Sun audio.
    PcmSigned8,
    /// Signed 16-bit PCM, little endian.
    Pcm16,
    /// Signed 16-bit PCM, big endian, in Sun audio.
    Pcm16Be,
    /// Signed 24-bit PCM, little endian.
    Pcm24,
    /// Signed 24-bit PCM, big endian, in Sun audio.
    Pcm24Be,
    /// Signed 32-bit PCM, little endian.
    Pcm32,
    /// Signed 32-bit PCM, big endian, in Sun audio.
    Pcm32Be,
    /// G.711 μ-law.
    MuLaw,
    /// G.711 A-law.
    ALaw,
}

impl Encoding {
    /// Every encoding of WAV and Wave64 that is read and written here.
    pub const ALL: [Self; 6] = [
        Self::Pcm8,
        Self::Pcm16,
        Self::Pcm24,
        Self::Pcm32,
        Self::MuLaw,
        Self::ALaw,
    ];

    /// Every encoding of Sun audio that is read and written here.
    pub const AU: [Self; 6] = [
        Self::PcmSigned8,
        Self::Pcm16Be,
        Self::Pcm24Be,
        Self::Pcm32Be,
        Self::MuLaw,
        Self::ALaw,
    ];

    /// Bytes of one sample of one channel.
    pub const fn sample_bytes(self) -> usize {
        match self {
            Self::Pcm8 | Self::PcmSigned8 | Self::MuLaw | Self::ALaw => 1,
            Self::Pcm16 | Self::Pcm16Be => 2,
            Self::Pcm24 | Self::Pcm24Be => 3,
            Self::Pcm32 | Self::Pcm32Be => 4,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcm8 => "pcm_u8",
            Self::PcmSigned8 => "pcm_s8",
            Self::Pcm16Be => "pcm_s16be",
            Self::Pcm24Be => "pcm_s24be",
            Self::Pcm32Be => "pcm_s32be",
            Self::Pcm16 => "pcm_s16le",
            Self::Pcm24 => "pcm_s24le",
            Self::Pcm32 => "pcm_s32le",
            Self::MuLaw => "pcm_mulaw",
            Self::ALaw => "pcm_alaw",
        }
    }

    /// The `wFormatTag` of the encoding (RFC 2361); Sun audio has none of its own.
    pub(crate) const fn format_tag(self) -> u16 {
        match self {
            Self::ALaw => 6,
            Self::MuLaw => 7,
            Self::Pcm8 | Self::Pcm16 | Self::Pcm24 | Self::Pcm32 => 1,
            Self::PcmSigned8 | Self::Pcm16Be | Self::Pcm24Be | Self::Pcm32Be => 1,
        }
    }

    pub(crate) const fn is_companded(self) -> bool {
        matches!(self, Self::MuLaw | Self::ALaw)
    }

    /// The sample in `bytes` on a 32-bit scale, exact for every encoding; 0 when bytes are missing.
    pub(crate) fn decode(self, bytes: &[u8]) -> i32 {
        match (self, bytes) {
            (Self::Pcm8, &[a, ..]) => (i32::from(a) - 128) << 24,
            (Self::PcmSigned8, &[a, ..]) => i32::from_be_bytes([a, 0, 0, 0]),
            (Self::Pcm16Be, &[a, b, ..]) => i32::from_be_bytes([a, b, 0, 0]),
            (Self::Pcm24Be, &[a, b, c, ..]) => i32::from_be_bytes([a, b, c, 0]),
            (Self::Pcm32Be, &[a, b, c, d, ..]) => i32::from_be_bytes([a, b, c, d]),
            (Self::Pcm16, &[a, b, ..]) => i32::from(i16::from_le_bytes([a, b])) << 16,
            (Self::Pcm24, &[a, b, c, ..]) => i32::from_le_bytes([0, a, b, c]),
            (Self::Pcm32, &[a, b, c, d, ..]) => i32::from_le_bytes([a, b, c, d]),
            (Self::MuLaw, &[a, ..]) => i32::from(g711::decode_mu_law(a)) << 16,
            (Self::ALaw, &[a, ..]) => i32::from(g711::decode_a_law(a)) << 16,
            _ => 0,
        }
    }

    /// The sample in `bytes` as 16 bits.
    pub(crate) fn decode_16(self, bytes: &[u8]) -> i16 {
        high_half(self.decode(bytes))
    }

    /// Writes a sample on the 32-bit scale; lower bits that do not fit are dropped.
    pub(crate) fn encode(self, sample: i32, bytes: &mut [u8]) {
        let le = sample.to_le_bytes();
        let [_, b, c, d] = le;
        match (self, bytes) {
            // The sign bit turns into the offset of unsigned 8-bit audio.
            (Self::Pcm8, [out, ..]) => *out = d ^ 0x80,
            (Self::PcmSigned8, [out, ..]) => *out = d,
            (Self::Pcm16Be, [x, y, ..]) => (*x, *y) = (d, c),
            (Self::Pcm24Be, [x, y, z, ..]) => (*x, *y, *z) = (d, c, b),
            (Self::Pcm32Be, [w, x, y, z, ..]) => (*w, *x, *y, *z) = (d, c, b, le[0]),
            (Self::Pcm16, [x, y, ..]) => (*x, *y) = (c, d),
            (Self::Pcm24, [x, y, z, ..]) => (*x, *y, *z) = (b, c, d),
            (Self::Pcm32, [w, x, y, z, ..]) => [*w, *x, *y, *z] = le,
            (Self::MuLaw, [out, ..]) => *out = g711::encode_mu_law(high_half(sample)),
            (Self::ALaw, [out, ..]) => *out = g711::encode_a_law(high_half(sample)),
            _ => {}
        }
    }
}

fn high_half(sample: i32) -> i16 {
    i16::try_from(sample >> 16).expect("the upper half of 32 bits has 16")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_and_encoding_are_inverse_for_every_stored_value() {
        for encoding in Encoding::ALL.into_iter().chain(Encoding::AU) {
            let width = encoding.sample_bytes();
            for low in 0..=u8::MAX {
                let stored: Vec<u8> = (0..width)
                    .map(|at| low.wrapping_add(at as u8 * 37))
                    .collect();
                let mut again = vec![0; width];
                encoding.encode(encoding.decode(&stored), &mut again);
                let negative_zero = encoding == Encoding::MuLaw && low == 0x7f;
                assert!(
                    again == stored || negative_zero,
                    "{} {stored:?}",
                    encoding.name()
                );
            }
        }
    }

    #[test]
    fn silence_has_the_code_the_field_knows() {
        for (encoding, code) in [
            (Encoding::Pcm8, 128),
            (Encoding::MuLaw, 0xff),
            (Encoding::ALaw, 0xd5),
        ] {
            let mut byte = [1];
            encoding.encode(0, &mut byte);
            assert_eq!(byte, [code]);
        }
    }
}
