;; A plugin around the fields of a core module. The fields define the function of a stage, such as `filter` or `patch`;
;; they may use the heap's memory and `realloc`, and the questions that are imported here.
(component
  (type $fault' (variant (case "config" string) (case "template" string) (case "unschedulable" string) (case "internal" string)))
  (export $fault "fault" (type $fault'))
  (type $refusal' (record (field "reason" string) (field "clusters" (list u32))))
  (export $refusal "refusal" (type $refusal'))
  (type $kind' (record (field "api-version" string) (field "kind" string)))
  (export $kind "kind" (type $kind'))
  (type $manifest' (record
    (field "name" string) (field "version" string) (field "summary" string) (field "config-schema" string)
    (field "kinds" (list $kind))))
  (export $manifest "manifest" (type $manifest'))

  (import "portolan:policy/fleet@0.1.0" (instance $fleet
    (export "size" (func (result u32)))
    (export "name" (func (param "of" u32) (result string)))
    (export "names" (func (result (list string))))
    (export "column" (func (param "at" string) (result string)))
    (export "matching" (func (param "selector" string) (result (result (list u32) (error string)))))))
  (import "portolan:policy/template@0.1.0" (instance $template
    (export "get" (func (param "at" string) (result (option string))))))
  (import "portolan:policy/request@0.1.0" (instance $request
    (export "previous" (func (result (list (option u32)))))))
  (import "portolan:policy/log@0.1.0" (instance $log
    (type $level' (enum "debug" "info" "warn"))
    (export "level" (type $level (eq $level')))
    (export "log" (func (param "level" $level) (param "message" string)))))

  ;; Memory is given out upwards from 64 KiB and never taken back; below are the guest's own data.
  (core module $heap
    (memory (export "memory") 4)
    (global $next (mut i32) (i32.const 65536))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (block $enough
        (br_if $enough (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
        (drop (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get 3) (i32.const 16))))))
      (local.get $at)))
  (core instance $heap (instantiate $heap))
  (alias core export $heap "memory" (core memory $memory))
  (alias core export $heap "realloc" (core func $realloc))
  (core func $size (canon lower (func $fleet "size")))
  (core func $name (canon lower (func $fleet "name") (memory $memory) (realloc $realloc)))
  (core func $names (canon lower (func $fleet "names") (memory $memory) (realloc $realloc)))
  (core func $column (canon lower (func $fleet "column") (memory $memory) (realloc $realloc)))
  (core func $matching (canon lower (func $fleet "matching") (memory $memory) (realloc $realloc)))
  (core func $get (canon lower (func $template "get") (memory $memory) (realloc $realloc)))
  (core func $previous (canon lower (func $request "previous") (memory $memory) (realloc $realloc)))
  (core func $say (canon lower (func $log "log") (memory $memory)))
  (core module $plugin
    (import "heap" "memory" (memory 1))
    (import "heap" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "fleet" "size" (func $size (result i32)))
    (import "fleet" "name" (func $name (param i32 i32)))
    (import "fleet" "names" (func $names (param i32)))
    (import "fleet" "column" (func $column (param i32 i32 i32)))
    (import "fleet" "matching" (func $matching (param i32 i32 i32)))
    (import "template" "get" (func $get (param i32 i32 i32)))
    (import "request" "previous" (func $previous (param i32)))
    (import "log" "log" (func $log (param i32 i32 i32)))
    ;; The manifest: name, version, summary, config-schema, kinds; each a place and a length. Its texts are at 60,000.
    (data (i32.const 59900)
      "\60\ea\00\00\05\00\00\00" "\65\ea\00\00\05\00\00\00" "\60\ea\00\00\05\00\00\00" "\6a\ea\00\00\02\00\00\00"
      "\00\00\00\00\00\00\00\00")
    (data (i32.const 60000) "guest" "0.1.0" "{}")
    (func (export "describe") (result i32) (i32.const 59900))
    {{fields}}
  )
  (core instance $plugin (instantiate $plugin
    (with "heap" (instance $heap))
    (with "fleet" (instance
      (export "size" (func $size)) (export "name" (func $name)) (export "names" (func $names))
      (export "column" (func $column)) (export "matching" (func $matching))))
    (with "template" (instance (export "get" (func $get))))
    (with "request" (instance (export "previous" (func $previous))))
    (with "log" (instance (export "log" (func $say))))))

  (func $describe (result $manifest)
    (canon lift (core func $plugin "describe") (memory $memory) (realloc $realloc)))
  (instance $info (export "describe" (func $describe)))
  (export "portolan:policy/info@0.1.0" (instance $info))
  {{stage}})
