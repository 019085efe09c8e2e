;; Lifts `assign` and exports it.
(func $assign (param "config" string) (result (result (list u32) (error $fault)))
  (canon lift (core func $plugin "assign") (memory $memory) (realloc $realloc)))
(instance $stage (export "assign" (func $assign)))
(export "portolan:policy/assigner@0.1.0" (instance $stage))
