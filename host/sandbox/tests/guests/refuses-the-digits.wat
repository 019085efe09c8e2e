;; Refuses the clusters that the digits of its config name, in one refusal: `201` refuses 2, 0 and 1.
(data (i32.const 50) "digits")
(func (export "filter") (param $config i32) (param $length i32) (result i32)
  (local $at i32)
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
      (i32.store
        (i32.add (i32.const 1000) (i32.mul (local.get $at) (i32.const 4)))
        (i32.sub (i32.load8_u (i32.add (local.get $config) (local.get $at))) (i32.const 48)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (i32.store (i32.const 16) (i32.const 50))
  (i32.store (i32.const 20) (i32.const 6))
  (i32.store (i32.const 24) (i32.const 1000))
  (i32.store (i32.const 28) (local.get $length))
  (i32.store (i32.const 4) (i32.const 16))
  (i32.store (i32.const 8) (i32.const 1))
  (i32.const 0))
