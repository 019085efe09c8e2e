;; Never ends.
(func (export "filter") (param i32 i32) (result i32)
  (loop $for-ever (br $for-ever))
  (i32.const 0))
