//! Check digits. A correct one raises a score; a wrong one never rules an item out, because people
//! misread and recognizers mishear digits.

/// ISO/IEC 7812-1 (Luhn): cards, IMEI.
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            let doubled = if at % 2 == 1 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    digits.len() > 1 && sum.is_multiple_of(10)
}

/// ISO 13616 (IBAN): the first four characters move to the end, letters count from 10, modulo 97.
pub(super) fn iban(chars: &str) -> bool {
    let (Some(head), Some(tail)) = (chars.get(..4), chars.get(4..)) else {
        return false;
    };
    let remainder = tail
        .chars()
        .chain(head.chars())
        .try_fold(0_u32, |remainder, c| {
            let value = c.to_digit(36)?;
            Some(
                if value > 9 {
                    remainder * 100 + value
                } else {
                    remainder * 10 + value
                } % 97,
            )
        });
    remainder == Some(1)
}

/// NHS number: modulo 11 over ten digits.
pub(super) fn nhs(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .zip((2..=10).rev())
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    let check = (11 - sum % 11) % 11;
    digits.len() == 10
        && digits
            .bytes()
            .last()
            .is_some_and(|byte| u32::from(byte - b'0') == check)
}

/// ABA routing number: weights 3, 7, 1 over nine digits.
pub(super) fn aba(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .zip([3, 7, 1].into_iter().cycle())
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    digits.len() == 9 && sum > 0 && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_hold_and_one_wrong_digit_does_not() {
        assert!(luhn("4111111111111111") && !luhn("4111111111111112"));
        assert!(iban("GB82WEST12345698765432") && !iban("GB82WEST12345698765433"));
        assert!(nhs("9434765919") && !nhs("9434765918"));
        assert!(aba("021000021") && !aba("021000022"));
    }
}
