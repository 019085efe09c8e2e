;; As many removals at /list/0 for cluster 0 and 2 as its config has bytes, at most 12,000.
(data (i32.const 900) "/list/0")
(data (i32.const 912) "\00\00\00\00\02\00\00\00")
(func (export "patch") (param $config i32) (param $length i32) (result i32)
  (local $at i32) (local $left i32)
  (i32.store (i32.const 16) (i32.const 912))
  (i32.store (i32.const 20) (i32.const 2))
  ;; 12,000 × 20 bytes are 4 pages.
  (local.set $at (i32.mul (memory.grow (i32.const 4)) (i32.const 65536)))
  (i32.store (i32.const 28) (local.get $at))
  (i32.store (i32.const 32) (local.get $length))
  (local.set $left (local.get $length))
  (loop $next
    ;; `remove` is the third case.
    (i32.store8 (local.get $at) (i32.const 2))
    (i32.store offset=4 (local.get $at) (i32.const 900))
    (i32.store offset=8 (local.get $at) (i32.const 7))
    (local.set $at (i32.add (local.get $at) (i32.const 20)))
    (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
