;; 150,000 operations for cluster 0, each an addition of nothing at ""; a million where its config is long.
(func (export "patch") (param $config i32) (param $length i32) (result i32)
  (i32.store (i32.const 16) (i32.const 100))
  (i32.store (i32.const 20) (i32.const 1))
  ;; 1,000,000 × 20 bytes are 306 pages.
  (i32.store (i32.const 28) (i32.mul (memory.grow (i32.const 306)) (i32.const 65536)))
  (i32.store (i32.const 32)
    (select (i32.const 1000000) (i32.const 150000) (i32.gt_u (local.get $length) (i32.const 2))))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
