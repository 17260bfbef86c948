//! The sum of digests modulo 2²⁵⁶, which does not depend on their order.

use std::fmt;

/// The sum of digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum([u64; 4]);

impl Sum {
    /// Adds a digest.
    pub(crate) fn add(&mut self, digest: &blake3::Hash) {
        let mut carry = false;
        let (words, _) = digest.as_bytes().as_chunks::<8>();
        for (place, word) in self.0.iter_mut().zip(words) {
            let (sum, over) = place.overflowing_add(u64::from_le_bytes(*word));
            let (sum, over_too) = sum.overflowing_add(u64::from(carry));
            (*place, carry) = (sum, over || over_too);
        }
    }
}

impl fmt::Display for Sum {
    /// In hexadecimal, the highest digit first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().rev().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_carries_and_does_not_depend_on_the_order() {
        let full = blake3::Hash::from_bytes([0xff; 32]);
        let mut one = [0; 32];
        one[0] = 1;
        let one = blake3::Hash::from_bytes(one);
        let mut sum = Sum::default();
        sum.add(&full);
        sum.add(&one);
        assert_eq!(sum, Sum::default(), "2²⁵⁶ − 1 + 1");
        let (a, b) = (blake3::hash(b"a"), blake3::hash(b"b"));
        let (mut ab, mut ba) = (Sum::default(), Sum::default());
        ab.add(&a);
        ab.add(&b);
        ba.add(&b);
        ba.add(&a);
        assert_eq!(ab, ba);
        assert_eq!(ab.to_string().len(), 64);
    }
}
