;; Refuses cluster 0 for a reason that is the config.
(func (export "filter") (param $config i32) (param $length i32) (result i32)
  (i32.store (i32.const 16) (local.get $config))
  (i32.store (i32.const 20) (local.get $length))
  (i32.store (i32.const 24) (i32.const 100))
  (i32.store (i32.const 28) (i32.const 1))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
