;; Lifts `aggregate` and exports it.
(type $member' (record
  (field "name" string) (field "status" (option string)) (field "applied" bool) (field "health" string)))
(export $member "member" (type $member'))
(func $aggregate (param "members" (list $member)) (result (result (option string) (error $fault)))
  (canon lift (core func $plugin "aggregate") (memory $memory) (realloc $realloc)))
(instance $stage (export "aggregate" (func $aggregate)))
(export "portolan:policy/aggregate@0.1.0" (instance $stage))
