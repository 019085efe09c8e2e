//! Memory for an instance that answers one call and is gone.
//!
//! ```text
//!  ┌─ first room, part of the module's own memory ─┐  full? ──► the standard allocator, which grows the memory
//!  │ block │ block │ block │ free ───────────────► │
//!  └───────────────────────────────────────────────┘
//! ```
//!
//! An ordinary call fits into the room, so it never grows its memory: growing and undoing it afterwards takes the host two
//! system calls, a quarter of a call's time.
#![allow(unsafe_code, reason = "an allocator is unsafe by its nature: it makes memory of addresses")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};

/// Bytes of the first room. Arbitrary: several times what the default plugins take at 1,000 clusters. Only what is touched
/// of it is ever there.
const ROOM: usize = 256 << 10;

/// Hands out blocks of the first room one after the other. The last one can grow, shrink and come back; what else is freed
/// is not used again, because the call is nearly over.
pub(super) struct Heap {
    room: UnsafeCell<[u8; ROOM]>,
    used: Cell<usize>,
}

impl Heap {
    pub(super) const fn new() -> Self {
        Self { room: UnsafeCell::new([0; ROOM]), used: Cell::new(0) }
    }

    fn start(&self) -> *mut u8 {
        self.room.get().cast()
    }

    /// Where in the room a block begins; none where it lies outside.
    fn place(&self, block: *mut u8) -> Option<usize> {
        (block as usize).checked_sub(self.start() as usize).filter(|place| *place < ROOM)
    }

    /// Room for a block that begins no earlier than `from`.
    fn take(&self, from: usize, layout: Layout) -> Option<usize> {
        let start = self.start() as usize;
        let place = (start + from).next_multiple_of(layout.align()) - start;
        let end = place.checked_add(layout.size()).filter(|end| *end <= ROOM)?;
        self.used.set(end);
        Some(place)
    }
}

// SAFETY: a component has one thread.
unsafe impl Sync for Heap {}

// SAFETY: blocks of the room do not overlap, because `used` lies behind each that is still in use; they are aligned and lie
// within it. A block that is not in the room is the standard allocator's, and goes back to it.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.take(self.used.get(), layout) {
            Some(place) => self.start().wrapping_add(place),
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match self.place(block) {
            Some(place) if place + layout.size() == self.used.get() => self.used.set(place),
            Some(_) => {}
            None => unsafe { System.dealloc(block, layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(place) = self.place(block) else {
            return unsafe { System.realloc(block, layout, size) };
        };
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else { return std::ptr::null_mut() };
        if place + layout.size() == self.used.get() && self.take(place, wanted).is_some() {
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(block, new, layout.size());
            }
            new
        }
    }
}
