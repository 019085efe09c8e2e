;; Lifts `estimate` and exports it.
(func $estimate (param "config" string) (result (result (list (option u32)) (error $fault)))
  (canon lift (core func $plugin "estimate") (memory $memory) (realloc $realloc)))
(instance $stage (export "estimate" (func $estimate)))
(export "portolan:policy/estimator@0.1.0" (instance $stage))
