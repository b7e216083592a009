//! A small deterministic generator (xorshift*, Vigna, ACM TOMS 2016): the same on every machine.

/// Pseudo-random words.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    pub(super) fn word(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    /// A number below `n`, which is small.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((self.word() >> 33) as usize) % n.max(1)
    }
    /// 64 bits, each 1 with probability `threshold`/256.
    pub(super) fn biased(&mut self, threshold: u16) -> u64 {
        if threshold >= 256 {
            return u64::MAX;
        }
        let mut result = 0;
        // from the least significant bit of the threshold up
        let mut started = false;
        for i in 0..8 {
            if threshold >> i & 1 == 1 {
                result = if started { result | self.word() } else { self.word() };
                started = true;
            } else if started {
                result &= self.word();
            }
        }
        if started { result } else { 0 }
    }
}
