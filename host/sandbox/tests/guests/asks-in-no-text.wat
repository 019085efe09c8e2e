;; Asks for what is at a pointer that is no UTF-8.
(data (i32.const 50) "\c3\28\ff")
(func (export "filter") (param $config i32) (param $length i32) (result i32)
  (call $get (i32.const 50) (i32.const 3) (i32.const 500))
  (i32.const 0))
