;; Lifts `prune` and exports it.
(type $edit' (record (field "at" string) (field "value" string)))
(export $edit "edit" (type $edit'))
(type $operation' (variant (case "add" $edit) (case "replace" $edit) (case "remove" string) (case "test" $edit)))
(export $operation "operation" (type $operation'))
(func $prune (result (result (list $operation) (error $fault)))
  (canon lift (core func $plugin "prune") (memory $memory) (realloc $realloc)))
(instance $stage (export "prune" (func $prune)))
(export "portolan:policy/prune@0.1.0" (instance $stage))
