;; Refuses every cluster that is on offer, for the reason `no`: the happy path.
(data (i32.const 100) "no")
(func (export "filter") (param i32 i32) (result i32)
  (local $size i32) (local $at i32)
  (local.set $size (call $size))
  (loop $next
    (if (i32.lt_u (local.get $at) (local.get $size))
      (then
        (i32.store (i32.add (i32.const 1000) (i32.mul (local.get $at) (i32.const 4))) (local.get $at))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))
  ;; At 16 the one refusal: its reason, its clusters. At 0 the answer: ok, a list of one.
  (i32.store (i32.const 16) (i32.const 100))
  (i32.store (i32.const 20) (i32.const 2))
  (i32.store (i32.const 24) (i32.const 1000))
  (i32.store (i32.const 28) (local.get $size))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
