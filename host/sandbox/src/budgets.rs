//! What a call may use up: the one place where the defaults are written, each with its reason.

use std::collections::BTreeMap;
use std::time::Duration;

/// What one call to a plugin may use up. Each limit acts while it is being reached, never afterwards, and going over it
/// is a fault of the plugin that names the limit, except for `log_bytes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// Instructions, roughly; a byte copied or filled in bulk and a page of new memory count too. The same component,
    /// config and answers use the same fuel on every machine.
    pub fuel: u64,
    /// Time on the clock, host functions included. It only saves the process: it depends on the machine and on its
    /// load, so a call that is honest should run out of fuel long before.
    pub wall_clock: Duration,
    /// Bytes of linear memory, over all memories of the component. What the host holds while it takes an answer over
    /// is bounded by the same figure.
    pub memory_bytes: u64,
    /// Elements of tables, over all tables of the component.
    pub table_elements: u64,
    /// Core instances in the component.
    pub instances: u32,
    /// Linear memories in the component.
    pub memories: u32,
    /// Tables in the component.
    pub tables: u32,
    /// Bytes that the host holds for an answer: its texts, four for each place, 48 for each refusal, amendment and
    /// operation, 32 for each JSON value and 640 for each JSON object in patches.
    pub output_bytes: u64,
    /// What applying the answer's patches takes, in plain operations: one for each operation, one more for each three
    /// levels of its pointer, and, where it inserts into a list or removes from it, one for each 150 values in the
    /// object and the patch; all that once for each different object that the patch meets.
    pub operations: u64,
    /// Questions. What is logged is not counted.
    pub questions: u64,
    /// Bytes of questions and of their answers.
    pub question_bytes: u64,
    /// Bytes that are logged, 32 more for each line. Past it lines are cut and counted, never a fault.
    pub log_bytes: u64,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            // A tight loop uses it up in less than a second. Filters over 1,000 clusters were measured: the default one
            // in Rust uses 100,000, one in Python that asks about each cluster 9 million, the same in JavaScript 143
            // million (and 990 million over 5,000, which is about where it should ask by column).
            fuel: 1_000_000_000,
            // Ten times what all the fuel takes on a free core, so that a crowded machine meets it late.
            wall_clock: Duration::from_secs(10),
            // Arbitrary: five times what a Python plugin begins with (13 MB; JavaScript 9.5, Rust 1.2).
            memory_bytes: 64 << 20,
            // Arbitrary: three times wasmtime's default, with which Python and JavaScript plugins load.
            table_elements: 1 << 16,
            // A component of componentize-py has 21 to 40 core instances: half as many again.
            instances: 60,
            // Arbitrary: components have one, those that are composed of several have one for each.
            memories: 4,
            // Arbitrary: a module's own, and one that joins imports to it; twice as many as memories.
            tables: 8,
            // 1,000 clusters that each get a patch of 12 kB as the host counts it, which is an object of 20 maps;
            // or eleven times the largest object that an API server takes.
            output_bytes: 16 << 20,
            // 1,000 clusters whose objects differ, with 100 plain operations each; a plain one takes 0.3 µs, so all take
            // 30 ms. Each of the weights is measured to take no longer than that for what it counts: without them
            // 10,000 insertions before 700,000 elements, which fit into an object of 1.4 MiB or come with the patch,
            // would take 10 s. With them there can be 21, and those take 32 ms.
            operations: 100_000,
            // 10,000 clusters with ten questions each; answering them takes 30 to 100 ms.
            questions: 100_000,
            // As much as the plugin's memory holds: who reads more reads the same twice.
            question_bytes: 64 << 20,
            // Arbitrary: 800 lines of 80 characters, far more than a person reads of one call.
            log_bytes: 64 << 10,
        }
    }
}

impl Budgets {
    /// The lesser of both in every respect, the clock to the millisecond: nobody can widen what the host allows.
    pub fn narrowed_by(&self, other: &Self) -> Self {
        self.narrowed_to(&other.listed())
    }

    /// Every limit by its name, the clock in milliseconds.
    pub fn listed(&self) -> BTreeMap<String, u64> {
        // Taken apart so that a new limit can't be forgotten here.
        let Self {
            fuel,
            wall_clock,
            memory_bytes,
            table_elements,
            instances,
            memories,
            tables,
            output_bytes,
            operations,
            questions,
            question_bytes,
            log_bytes,
        } = *self;
        let milliseconds = u64::try_from(wall_clock.as_millis()).unwrap_or(u64::MAX);
        let limits = [
            ("fuel", fuel),
            ("wallClockMillis", milliseconds),
            ("memoryBytes", memory_bytes),
            ("tableElements", table_elements),
            ("instances", instances.into()),
            ("memories", memories.into()),
            ("tables", tables.into()),
            ("outputBytes", output_bytes),
            ("operations", operations),
            ("questions", questions),
            ("questionBytes", question_bytes),
            ("logBytes", log_bytes),
        ];
        limits.into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect()
    }

    /// Narrowed to limits as [`Budgets::listed`] lists them. Names that are not known, and limits that are wider, count
    /// for nothing.
    pub fn narrowed_to(&self, listed: &BTreeMap<String, u64>) -> Self {
        let limit = |name: &str, own: u64| listed.get(name).map_or(own, |limit| own.min(*limit));
        let small = |name: &str, own: u32| u32::try_from(limit(name, own.into())).unwrap_or(own);
        let milliseconds = listed.get("wallClockMillis").map(|limit| Duration::from_millis(*limit));
        Self {
            fuel: limit("fuel", self.fuel),
            wall_clock: milliseconds.map_or(self.wall_clock, |limit| self.wall_clock.min(limit)),
            memory_bytes: limit("memoryBytes", self.memory_bytes),
            table_elements: limit("tableElements", self.table_elements),
            instances: small("instances", self.instances),
            memories: small("memories", self.memories),
            tables: small("tables", self.tables),
            output_bytes: limit("outputBytes", self.output_bytes),
            operations: limit("operations", self.operations),
            questions: limit("questions", self.questions),
            question_bytes: limit("questionBytes", self.question_bytes),
            log_bytes: limit("logBytes", self.log_bytes),
        }
    }
}
