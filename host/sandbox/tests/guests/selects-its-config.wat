;; Chooses the clusters that the digits of its config name, and refuses those after the first `!`, if there is one.
(data (i32.const 50) "digits")
(func (export "select") (param $config i32) (param $length i32) (result i32)
  (local $at i32) (local $byte i32) (local $to i32) (local $chosen i32) (local $refusing i32)
  (local.set $to (i32.const 1000))
  (local.set $chosen (local.get $length))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
      (local.set $byte (i32.load8_u (i32.add (local.get $config) (local.get $at))))
      (if (i32.eq (local.get $byte) (i32.const 33))
        (then
          (local.set $chosen (local.get $at))
          (local.set $refusing (i32.const 1)))
        (else
          (i32.store (local.get $to) (i32.sub (local.get $byte) (i32.const 48)))
          (local.set $to (i32.add (local.get $to) (i32.const 4)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  ;; The one refusal, at 200: its reason, and the clusters after the chosen ones.
  (i32.store (i32.const 200) (i32.const 50))
  (i32.store (i32.const 204) (i32.const 6))
  (i32.store (i32.const 208) (i32.add (i32.const 1000) (i32.mul (local.get $chosen) (i32.const 4))))
  (i32.store (i32.const 212)
    (i32.sub (i32.sub (local.get $length) (local.get $chosen)) (local.get $refusing)))
  (i32.store (i32.const 4) (i32.const 1000))
  (i32.store (i32.const 8) (local.get $chosen))
  (i32.store (i32.const 12) (i32.const 200))
  (i32.store (i32.const 16) (local.get $refusing))
  (i32.const 0))
