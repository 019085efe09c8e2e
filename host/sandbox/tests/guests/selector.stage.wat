;; Lifts `select` and exports it.
(type $choice' (record (field "chosen" (list u32)) (field "refused" (list $refusal))))
(export $choice "choice" (type $choice'))
(func $select (param "config" string) (result (result $choice (error $fault)))
  (canon lift (core func $plugin "select") (memory $memory) (realloc $realloc)))
(instance $stage (export "select" (func $select)))
(export "portolan:policy/selector@0.1.0" (instance $stage))
