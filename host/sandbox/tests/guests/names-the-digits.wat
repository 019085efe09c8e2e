;; Names the clusters that the digits of its config name, each in an amendment of its own that removes `/a`.
(data (i32.const 50) "/a")
(func (export "patch") (param $config i32) (param $length i32) (result i32)
  (local $at i32) (local $amendment i32)
  ;; At 200 the one operation: remove (2) `/a`.
  (i32.store (i32.const 200) (i32.const 2))
  (i32.store (i32.const 204) (i32.const 50))
  (i32.store (i32.const 208) (i32.const 2))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $length)))
      (i32.store
        (i32.add (i32.const 1000) (i32.mul (local.get $at) (i32.const 4)))
        (i32.sub (i32.load8_u (i32.add (local.get $config) (local.get $at))) (i32.const 48)))
      (local.set $amendment (i32.add (i32.const 2000) (i32.mul (local.get $at) (i32.const 32))))
      (i32.store (local.get $amendment) (i32.add (i32.const 1000) (i32.mul (local.get $at) (i32.const 4))))
      (i32.store offset=4 (local.get $amendment) (i32.const 1))
      (i32.store offset=12 (local.get $amendment) (i32.const 200))
      (i32.store offset=16 (local.get $amendment) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
  (i32.store (i32.const 4) (i32.const 2000))
  (i32.store (i32.const 8) (local.get $length))
  (i32.const 0))
