;; Asks which clusters match a selector, over and over.
(data (i32.const 100) "{\"matchLabels\":{\"region\":\"eu\"}}")
(func (export "filter") (param i32 i32) (result i32)
  (loop $again
    (call $matching (i32.const 100) (i32.const 31) (i32.const 500))
    (br $again))
  (i32.const 0))
