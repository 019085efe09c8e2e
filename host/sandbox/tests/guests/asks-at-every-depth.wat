;; Calls itself until the stack ends, and asks for what its config selects each time.
(func $deeper (export "filter") (param $config i32) (param $length i32) (result i32)
  (call $matching (local.get $config) (local.get $length) (i32.const 500))
  (i32.add (i32.const 1) (call $deeper (local.get $config) (local.get $length))))
