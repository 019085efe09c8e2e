;; Chooses 12 million clusters, 48 MiB of places, all of them 0.
(func (export "select") (param i32 i32) (result i32)
  (i32.store (i32.const 4) (i32.mul (memory.grow (i32.const 768)) (i32.const 65536)))
  (i32.store (i32.const 8) (i32.const 12000000))
  (i32.const 0))
