;; Answers with what its template has at `/image`, a text of hexadecimal digits in lower case: they become its memory from
;; address 0 on, and the first four bytes are the place of the answer.
(data (i32.const 50) "/image")
(func $digit (param $character i32) (result i32)
  (select
    (i32.sub (local.get $character) (i32.const 48))
    (i32.sub (local.get $character) (i32.const 87))
    (i32.lt_u (local.get $character) (i32.const 58))))
(func $answer (result i32)
  (local $at i32) (local $from i32) (local $image i32) (local $length i32)
  (call $get (i32.const 50) (i32.const 6) (i32.const 100))
  ;; Without the quotes of JSON.
  (local.set $image (i32.add (i32.load (i32.const 104)) (i32.const 1)))
  (local.set $length (i32.shr_u (i32.sub (i32.load (i32.const 108)) (i32.const 2)) (i32.const 1)))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
      (local.set $from (i32.add (local.get $image) (i32.shl (local.get $at) (i32.const 1))))
      (i32.store8
        (local.get $at)
        (i32.or
          (i32.shl (call $digit (i32.load8_u (local.get $from))) (i32.const 4))
          (call $digit (i32.load8_u offset=1 (local.get $from)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (i32.load (i32.const 0)))
{{functions}}
