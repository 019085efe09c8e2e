;; A refusal whose reason is 48 MiB of zeros.
(func (export "filter") (param $config i32) (param $length i32) (result i32)
  (i32.store (i32.const 16) (i32.mul (memory.grow (i32.const 768)) (i32.const 65536)))
  (i32.store (i32.const 20) (i32.const 50331648))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
