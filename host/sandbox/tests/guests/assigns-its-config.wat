;; Replicas for each byte of its config: 2^30 for `G`, one less than nothing for `/`, else the digit.
(func (export "assign") (param $config i32) (param $length i32) (result i32)
  (local $at i32) (local $byte i32)
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
      (local.set $byte (i32.load8_u (i32.add (local.get $config) (local.get $at))))
      (i32.store
        (i32.add (i32.const 1000) (i32.mul (local.get $at) (i32.const 4)))
        (select (i32.const 0x40000000) (i32.sub (local.get $byte) (i32.const 48))
          (i32.eq (local.get $byte) (i32.const 71))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (i32.store (i32.const 4) (i32.const 1000))
  (i32.store (i32.const 8) (local.get $length))
  (i32.const 0))
