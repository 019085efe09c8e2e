;; Lifts `filter` and exports it.
(func $filter (param "config" string) (result (result (list $refusal) (error $fault)))
  (canon lift (core func $plugin "filter") (memory $memory) (realloc $realloc)))
(instance $stage (export "filter" (func $filter)))
(export "portolan:policy/filter@0.1.0" (instance $stage))
