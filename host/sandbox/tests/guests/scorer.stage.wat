;; Lifts `score` and exports it.
(func $score (param "config" string) (result (result (list u8) (error $fault)))
  (canon lift (core func $plugin "score") (memory $memory) (realloc $realloc)))
(instance $stage (export "score" (func $score)))
(export "portolan:policy/scorer@0.1.0" (instance $stage))
