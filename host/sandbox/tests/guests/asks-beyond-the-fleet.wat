;; Asks for the name of the cluster at the last place that there could be.
(func (export "filter") (param $config i32) (param $length i32) (result i32)
  (call $name (i32.const -1) (i32.const 500))
  (i32.const 0))
