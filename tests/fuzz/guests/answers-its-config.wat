;; Answers with its config, which is hexadecimal digits in lower case: they become its memory from address 0 on, and the
;; first four bytes are the place of the answer.
(func $digit (param $character i32) (result i32)
  (select
    (i32.sub (local.get $character) (i32.const 48))
    (i32.sub (local.get $character) (i32.const 87))
    (i32.lt_u (local.get $character) (i32.const 58))))
(func (export "{{function}}") (param $config i32) (param $length i32) (result i32)
  (local $at i32) (local $from i32)
  (local.set $length (i32.shr_u (local.get $length) (i32.const 1)))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
      (local.set $from (i32.add (local.get $config) (i32.shl (local.get $at) (i32.const 1))))
      (i32.store8
        (local.get $at)
        (i32.or
          (i32.shl (call $digit (i32.load8_u (local.get $from))) (i32.const 4))
          (call $digit (i32.load8_u offset=1 (local.get $from)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (i32.load (i32.const 0)))
