;; A score for each byte of its config, which is the byte: `d` is 100.
(func (export "score") (param $config i32) (param $length i32) (result i32)
  (i32.store (i32.const 4) (local.get $config))
  (i32.store (i32.const 8) (local.get $length))
  (i32.const 0))
