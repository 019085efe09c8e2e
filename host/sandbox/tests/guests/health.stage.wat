;; Lifts `health` and exports it.
(type $state' (enum "healthy" "unhealthy" "unknown"))
(export $state "state" (type $state'))
(func $health (result (result $state (error $fault)))
  (canon lift (core func $plugin "health") (memory $memory) (realloc $realloc)))
(instance $stage (export "health" (func $health)))
(export "portolan:policy/health@0.1.0" (instance $stage))
