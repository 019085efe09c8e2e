;; As many empty refusals as its config has bytes times 65,536: 1 MiB of memory for each byte.
(func (export "filter") (param $config i32) (param $length i32) (result i32)
  (local $pages i32)
  (local.set $pages (memory.grow (i32.mul (local.get $length) (i32.const 16))))
  (i32.store (i32.const 4) (i32.mul (local.get $pages) (i32.const 65536)))
  (i32.store (i32.const 8) (i32.mul (local.get $length) (i32.const 65536)))
  (i32.const 0))
