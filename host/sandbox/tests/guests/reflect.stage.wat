;; Lifts `reflect` and exports it.
(func $reflect (result (result (option string) (error $fault)))
  (canon lift (core func $plugin "reflect") (memory $memory) (realloc $realloc)))
(instance $stage (export "reflect" (func $reflect)))
(export "portolan:policy/reflect@0.1.0" (instance $stage))
