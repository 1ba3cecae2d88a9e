//! The passphrase of a package: generated, never typed in.

use diceware_wordlists::EFF_LONG_WORDLIST;
use domain::sensitive::Secret;

/// Words in a passphrase: 7 × log2(7,772) = 90.4 bits.
const WORDS: usize = 7;

/// Draws a passphrase of seven words from the EFF long list, joined by hyphens; ASCII only.
///
/// The ZIP's key derivation is weak (1,000 rounds of PBKDF2), so the strength must lie in the
/// passphrase. `fill` must be a cryptographic random source, such as `getrandom::fill`.
///
/// # Errors
/// When the random source fails.
pub fn passphrase<E>(
    mut fill: impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<Secret<String>, E> {
    let list = words();
    let chosen = (0..WORDS)
        .map(|_| draw(&list, &mut fill))
        .collect::<Result<Vec<_>, E>>()?;
    Ok(Secret::new(chosen.join("-")))
}

/// The list without the four words that hold a hyphen themselves.
fn words() -> Vec<&'static str> {
    EFF_LONG_WORDLIST
        .iter()
        .copied()
        .filter(|word| !word.contains('-'))
        .collect()
}

/// Every word with the same probability: numbers beyond the last full round are drawn again.
fn draw<E>(
    list: &[&'static str],
    fill: &mut impl FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<&'static str, E> {
    let rounds = (usize::from(u16::MAX) + 1) / list.len();
    loop {
        let mut bytes = [0_u8; 2];
        fill(&mut bytes)?;
        let number = usize::from(u16::from_be_bytes(bytes));
        if let Some(word) = list
            .get(number % list.len())
            .filter(|_| number < rounds * list.len())
        {
            return Ok(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Ninety bits hold against a thousand graphics cards for far longer than a case is kept.
    #[test]
    fn a_passphrase_has_ninety_bits_and_only_ascii() {
        let list = words();
        assert!(
            (list.len() as f64).log2() * WORDS as f64 >= 90.0,
            "{} words",
            list.len()
        );
        let distinct: std::collections::BTreeSet<_> = list.iter().collect();
        assert_eq!(distinct.len(), list.len());
        let drawn = passphrase(getrandom::fill).unwrap();
        assert_eq!(drawn.reveal().split('-').count(), WORDS);
        assert!(
            drawn
                .reveal()
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        );
        assert_ne!(drawn, passphrase(getrandom::fill).unwrap());
    }

    #[test]
    fn numbers_past_the_last_round_are_drawn_again() {
        let mut bytes = [0xff, 0xff].into_iter().chain(std::iter::repeat(0));
        let drawn = passphrase(|buffer: &mut [u8]| {
            buffer
                .iter_mut()
                .for_each(|byte| *byte = bytes.next().unwrap());
            Ok::<_, ()>(())
        });
        assert_eq!(drawn.unwrap().reveal(), &[words()[0]; WORDS].join("-"));
    }
}
