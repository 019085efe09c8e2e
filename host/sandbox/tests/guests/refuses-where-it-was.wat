;; Refuses the clusters on which the last decision placed the template: it never stays anywhere.
(data (i32.const 50) "it was here")
(func (export "filter") (param i32 i32) (result i32)
  (local $at i32) (local $size i32) (local $refused i32)
  (call $previous (i32.const 500))
  (local.set $size (i32.load (i32.const 504)))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $size)))
      (if (i32.load8_u (i32.add (i32.load (i32.const 500)) (i32.mul (local.get $at) (i32.const 8))))
        (then
          (i32.store (i32.add (i32.const 1000) (i32.mul (local.get $refused) (i32.const 4))) (local.get $at))
          (local.set $refused (i32.add (local.get $refused) (i32.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (i32.store (i32.const 16) (i32.const 50))
  (i32.store (i32.const 20) (i32.const 11))
  (i32.store (i32.const 24) (i32.const 1000))
  (i32.store (i32.const 28) (local.get $refused))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
