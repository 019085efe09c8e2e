//! Orders that look arbitrary and are the same on every machine.

/// A sequence of numbers from a seed: SplitMix64, which is enough to shuffle by and for nothing else.
pub(crate) struct Sequence(u64);

impl Sequence {
    /// The sequence of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Puts a list into another order, each as likely as any other but for less than a part in 2^32.
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            let chosen = self.next() % (last as u64 + 1);
            list.swap(last, usize::try_from(chosen).expect("it is no more than an index"));
        }
    }
}
