;; Says that there are 100 million refusals.
(func (export "filter") (param i32 i32) (result i32)
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 100000000))
  (i32.const 0))
