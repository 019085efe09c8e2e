//! Numbers that are the same for the same seed, on every machine: a mutation can be made again.

/// A generator of Marsaglia's xorshift kind. Nothing here needs better numbers.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Seeds that differ in one bit give sequences that have nothing in common.
    pub fn new(seed: u64) -> Self {
        // The fraction of the golden ratio, odd: neighbouring seeds end far apart, and none becomes 0.
        let mut random = Self(seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            random.next();
        }
        random
    }

    /// A number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("it is below a usize")
    }

    /// One of some things, of which there is at least one.
    pub fn one_of<T: Clone>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())].clone()
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
