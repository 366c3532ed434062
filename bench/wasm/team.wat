;; Kernels that do next to nothing, for what it costs to have threads run them.
(module
  (import "env" "memory" (memory 1 65536 shared))

  (func (export "nothing") (param $d i32) (param $a i64) (param $b i64) (param $s i32) (result i32) (i32.const 0))

  ;; Adds the number of blocks to the i64 at the descriptor.
  (func (export "count") (param $d i32) (param $a i64) (param $b i64) (param $s i32) (result i32)
    (drop (i64.atomic.rmw.add (local.get $d) (i64.sub (local.get $b) (local.get $a))))
    (i32.const 0))

  ;; Two blocks. Each writes its thread's scratch address behind the count of arrivals. The first to arrive looks out for the other one for
  ;; some ten microseconds, and then sleeps until it is woken.
  (func (export "meet") (param $d i32) (param $a i64) (param $b i64) (param $s i32) (result i32)
    (local $looks i32)
    (i32.store offset=4 (i32.add (local.get $d) (i32.shl (i32.wrap_i64 (local.get $a)) (i32.const 2))) (local.get $s))
    (if (i32.eq (i32.atomic.rmw.add (local.get $d) (i32.const 1)) (i32.const 1))
      (then
        (drop (memory.atomic.notify (local.get $d) (i32.const 1)))
        (return (i32.const 0))))
    (loop $look
      (if (i32.eq (i32.atomic.load (local.get $d)) (i32.const 2)) (then (return (i32.const 0))))
      (br_if $look
        (i32.lt_s (local.tee $looks (i32.add (local.get $looks) (i32.const 1))) (i32.const 5000))))
    (loop $wait
      (if (i32.lt_s (i32.atomic.load (local.get $d)) (i32.const 2))
        (then
          (drop (memory.atomic.wait32 (local.get $d) (i32.const 1) (i64.const -1)))
          (br $wait))))
    (i32.const 0)))
