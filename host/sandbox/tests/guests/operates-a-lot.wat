;; 150,000 operations for cluster 0, each an addition of nothing at "".
(func (export "patch") (param $config i32) (param $length i32) (result i32)
  (i32.store (i32.const 16) (i32.const 100))
  (i32.store (i32.const 20) (i32.const 1))
  ;; 150,000 × 20 bytes are 46 pages.
  (i32.store (i32.const 24) (i32.mul (memory.grow (i32.const 46)) (i32.const 65536)))
  (i32.store (i32.const 28) (i32.const 150000))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
