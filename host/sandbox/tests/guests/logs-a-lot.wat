;; Logs 10,000 lines and one of 4 MiB, then refuses nobody.
(data (i32.const 100) "line\nwith \1b[31mcolour")
(func (export "filter") (param i32 i32) (result i32)
  (local $lines i32)
  (loop $again
    (call $log (i32.const 0) (i32.const 100) (i32.const 21))
    (local.set $lines (i32.add (local.get $lines) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $lines) (i32.const 10000))))
  (drop (memory.grow (i32.const 64)))
  (memory.fill (i32.const 262144) (i32.const 120) (i32.const 4194304))
  (call $log (i32.const 0) (i32.const 262144) (i32.const 4194304))
  (i32.const 0))
