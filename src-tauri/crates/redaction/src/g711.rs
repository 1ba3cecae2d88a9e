//! G.711 companding (ITU-T G.711): μ-law and A-law codes to 16-bit samples and back.

/// Added before μ-law segments are found (G.711 table 2a, scaled to 16 bits).
const MU_BIAS: i32 = 0x84;
/// Largest magnitude μ-law can carry, scaled to 16 bits.
const MU_CLIP: i32 = 32_635;

/// The sample of a μ-law code.
pub fn decode_mu_law(code: u8) -> i16 {
    let code = !code;
    let segment = (code >> 4) & 0x07;
    let mantissa = i32::from(code & 0x0f);
    let magnitude = (((mantissa << 3) + MU_BIAS) << segment) - MU_BIAS;
    signed(magnitude, code & 0x80 != 0)
}

/// The μ-law code of a sample.
pub fn encode_mu_law(sample: i16) -> u8 {
    let value = i32::from(sample);
    let magnitude = value.abs().min(MU_CLIP) + MU_BIAS;
    let segment = segment_of(magnitude >> 7);
    let mantissa = (magnitude >> (segment + 3)) & 0x0f;
    let sign = if value < 0 { 0x80 } else { 0 };
    !low_byte(sign | (segment << 4) | mantissa)
}

/// The sample of an A-law code.
pub fn decode_a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 0x07;
    let mantissa = i32::from(code & 0x0f) << 4;
    let magnitude = match segment {
        0 => mantissa + 8,
        _ => (mantissa + 0x108) << (segment - 1),
    };
    signed(magnitude, code & 0x80 == 0)
}

/// The A-law code of a sample.
pub fn encode_a_law(sample: i16) -> u8 {
    let value = i32::from(sample);
    let (magnitude, sign) = if value >= 0 {
        (value, 0x80)
    } else {
        (-value - 1, 0)
    };
    let code = if magnitude < 256 {
        magnitude >> 4
    } else {
        let segment = segment_of(magnitude >> 8) + 1;
        (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)
    };
    low_byte(sign | code) ^ 0x55
}

/// Number of the highest set bit of a value below 256; 0 for 0.
fn segment_of(value: i32) -> i32 {
    (0..8).rev().find(|bit| value >> bit & 1 == 1).unwrap_or(0)
}

fn signed(magnitude: i32, negative: bool) -> i16 {
    let value = if negative { -magnitude } else { magnitude };
    i16::try_from(value).expect("G.711 magnitudes end below 32768")
}

fn low_byte(value: i32) -> u8 {
    u8::try_from(value & 0xff).expect("masked to one byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_the_round_trip() {
        for code in 0..=u8::MAX {
            let again = encode_mu_law(decode_mu_law(code));
            // 0x7f is negative zero, which decodes like 0xff.
            assert!(
                again == code || (code == 0x7f && again == 0xff),
                "mu {code:#x}"
            );
            assert_eq!(encode_a_law(decode_a_law(code)), code, "a {code:#x}");
        }
    }

    #[test]
    fn known_values_of_the_standard() {
        assert_eq!(encode_mu_law(0), 0xff);
        assert_eq!(encode_a_law(0), 0xd5);
        assert_eq!(decode_mu_law(0x80), 32_124);
        assert_eq!(decode_mu_law(0x00), -32_124);
        assert_eq!(decode_a_law(0xaa), 32_256);
        assert_eq!(decode_a_law(0x2a), -32_256);
    }

    #[test]
    fn every_sample_lands_near_itself() {
        for sample in (i16::MIN..=i16::MAX).step_by(7) {
            let wide = i32::from(sample);
            for back in [
                decode_mu_law(encode_mu_law(sample)),
                decode_a_law(encode_a_law(sample)),
            ] {
                let error = (i32::from(back) - wide).abs();
                assert!(error <= 16 + wide.abs() / 16, "{sample} became {back}");
            }
        }
    }
}
