;; On cluster 0 fails, and warns of its config, which is any text, twenty times; on cluster 2 it warns once and patches
;; nothing.
(data (i32.const 900) "\02\00\00\00")
(func (export "patch") (param $config i32) (param $length i32) (result i32)
  (local $at i32)
  (local.set $at (i32.const 1000))
  (loop $next
    (i32.store (local.get $at) (local.get $config))
    (i32.store offset=4 (local.get $at) (local.get $length))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $next (i32.lt_u (local.get $at) (i32.const 1160))))
  ;; Cluster 0, which is at 100: the fault `template` of its config.
  (i32.store (i32.const 200) (i32.const 100))
  (i32.store (i32.const 204) (i32.const 1))
  (i32.store (i32.const 208) (i32.const 1))
  (i32.store (i32.const 212) (i32.const 1))
  (i32.store (i32.const 216) (local.get $config))
  (i32.store (i32.const 220) (local.get $length))
  (i32.store (i32.const 224) (i32.const 1000))
  (i32.store (i32.const 228) (i32.const 20))
  ;; Cluster 2, which is at 900: no operations.
  (i32.store (i32.const 232) (i32.const 900))
  (i32.store (i32.const 236) (i32.const 1))
  (i32.store (i32.const 256) (i32.const 1000))
  (i32.store (i32.const 260) (i32.const 1))
  (i32.store (i32.const 4) (i32.const 200))
  (i32.store (i32.const 8) (i32.const 2))
  (i32.const 0))
