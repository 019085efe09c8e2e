;; Lifts `dependencies` and exports it.
(type $which' (variant (case "name" string) (case "labels" string)))
(export $which "which" (type $which'))
(type $dependency' (record (field "kind" $kind) (field "namespace" (option string)) (field "which" $which)))
(export $dependency "dependency" (type $dependency'))
(func $dependencies (result (result (list $dependency) (error $fault)))
  (canon lift (core func $plugin "dependencies") (memory $memory) (realloc $realloc)))
(instance $stage (export "dependencies" (func $dependencies)))
(export "portolan:policy/dependencies@0.1.0" (instance $stage))
