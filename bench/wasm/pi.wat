;; π by Monte Carlo, written by hand in SIMD WebAssembly: what this machine can do there, as a mark for what a compiler makes.
;; `count(seed, n)` gives the number of n random points in the circle, with the draws that rules 1–8 of docs/random.md fix for
;;   for (let i = 0; i < n; i++) { const x = 2 * Math.random() - 1, y = 2 * Math.random() - 1; if (x * x + y * y < 1) m++; }
;; in a function called with the key `seed`. A block is 4096 iterations on 16 lanes of xoshiro256; a row is one iteration of each lane;
;; a vector holds a pair of lanes.
;; The states stay in memory, and each row loads and stores them all: the eight pairs between two visits of a pair hide how long a
;; step and the way through memory take. Two pairs kept in the 16 registers of x86-64 are slower (1.8 ns a point for 1.5): the
;; compiler puts their additions last, which spills the states, and a spilled state's next step waits for memory.
;; The work is cut into short calls because an engine swaps optimised code in only at a call.
(module
  ;; The states of the 16 lanes: word w of both lanes of pair p at 64·p + 16·w.
  (memory 1)

  ;; Rule 3: mix, the finaliser of splitmix64.
  (func $mix (param $z i64) (result i64)
    (local.set $z (i64.mul
      (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30)))
      (i64.const 0xbf58476d1ce4e5b9)))
    (local.set $z (i64.mul
      (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27)))
      (i64.const 0x94d049bb133111eb)))
    (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 31))))

  ;; Rule 3: child(K, n) = mix(mix(K) + G·(n + 1)), with mix(K) handed in.
  (func $child (param $mixed_key i64) (param $n i64) (result i64)
    (call $mix (i64.add
      (local.get $mixed_key)
      (i64.mul (i64.const 0x9e3779b97f4a7c15) (i64.add (local.get $n) (i64.const 1))))))

  ;; Rule 3: word w of the state of the generator whose child key is q.
  (func $word (param $q i64) (param $w i64) (result i64)
    (call $mix (i64.add
      (local.get $q)
      (i64.mul (i64.const 0x9e3779b97f4a7c15) (i64.add (local.get $w) (i64.const 1))))))

  ;; Rule 7: the key of the loop, one raw draw of gen(seed, 0): rotl(s0 + s3, 23) + s0.
  (func $loop_key (param $seed i64) (result i64)
    (local $q i64) (local $s0 i64)
    (local.set $q (call $child (call $mix (local.get $seed)) (i64.const 0)))
    (local.set $s0 (call $word (local.get $q) (i64.const 0)))
    (i64.add
      (i64.rotl (i64.add (local.get $s0) (call $word (local.get $q) (i64.const 3))) (i64.const 23))
      (local.get $s0)))

  ;; Rule 8: lane l of block b starts as gen(k, 16·b + l).
  (func $seed_block (param $mixed_key i64) (param $block i64)
    (local $lane i32) (local $address i32) (local $q i64)
    (loop $lanes
      (local.set $q (call $child
        (local.get $mixed_key)
        (i64.add (i64.shl (local.get $block) (i64.const 4)) (i64.extend_i32_u (local.get $lane)))))
      ;; 64·(lane / 2) + 8·(lane mod 2)
      (local.set $address (i32.or
        (i32.shl (i32.shr_u (local.get $lane) (i32.const 1)) (i32.const 6))
        (i32.shl (i32.and (local.get $lane) (i32.const 1)) (i32.const 3))))
      (i64.store (local.get $address) (call $word (local.get $q) (i64.const 0)))
      (i64.store offset=16 (local.get $address) (call $word (local.get $q) (i64.const 1)))
      (i64.store offset=32 (local.get $address) (call $word (local.get $q) (i64.const 2)))
      (i64.store offset=48 (local.get $address) (call $word (local.get $q) (i64.const 3)))
      (local.set $lane (i32.add (local.get $lane) (i32.const 1)))
      (br_if $lanes (i32.lt_u (local.get $lane) (i32.const 16)))))

  ;; How often the points of lane 0 and of lane 1 of a pair are inside, over `rows` rows of the pairs from address `from` up to `to`.
  ;; Rule 2 makes f = 1.m of a draw, m its upper 52 bits, and u = f − 1, so that 2·u − 1 = 2·f − 3; and 2·f is m under the next
  ;; exponent, 0x400, as in 2.0. No step of either way rounds, so it is the same double.
  (func $count_rows (param $rows i32) (param $from i32) (param $to i32) (result v128)
    (local $pair i32) (local $x v128) (local $y v128) (local $shifted v128) (local $inside v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (block $done
      (br_if $done (i32.eqz (local.get $rows)))
      (br_if $done (i32.eq (local.get $from) (local.get $to)))
      (loop $next_row
        (local.set $pair (local.get $from))
        (loop $next_pair
          (local.set $s0 (v128.load (local.get $pair)))
          (local.set $s1 (v128.load offset=16 (local.get $pair)))
          (local.set $s2 (v128.load offset=32 (local.get $pair)))
          (local.set $s3 (v128.load offset=48 (local.get $pair)))
          ;; x = 2·u − 1 (rules 1 and 2), and the step of the engine
          (local.set $x (f64x2.sub
            (v128.or (i64x2.shr_u (i64x2.add (local.get $s0) (local.get $s3)) (i32.const 12)) (v128.const f64x2 2 2))
            (v128.const f64x2 3 3)))
          (local.set $shifted (i64x2.shl (local.get $s1) (i32.const 17)))
          (local.set $s2 (v128.xor (local.get $s2) (local.get $s0)))
          (local.set $s3 (v128.xor (local.get $s3) (local.get $s1)))
          (local.set $s1 (v128.xor (local.get $s1) (local.get $s2)))
          (local.set $s0 (v128.xor (local.get $s0) (local.get $s3)))
          (local.set $s2 (v128.xor (local.get $s2) (local.get $shifted)))
          (local.set $s3 (v128.or (i64x2.shl (local.get $s3) (i32.const 45)) (i64x2.shr_u (local.get $s3) (i32.const 19))))
          ;; y likewise
          (local.set $y (f64x2.sub
            (v128.or (i64x2.shr_u (i64x2.add (local.get $s0) (local.get $s3)) (i32.const 12)) (v128.const f64x2 2 2))
            (v128.const f64x2 3 3)))
          (local.set $shifted (i64x2.shl (local.get $s1) (i32.const 17)))
          (local.set $s2 (v128.xor (local.get $s2) (local.get $s0)))
          (local.set $s3 (v128.xor (local.get $s3) (local.get $s1)))
          (local.set $s1 (v128.xor (local.get $s1) (local.get $s2)))
          (local.set $s0 (v128.xor (local.get $s0) (local.get $s3)))
          (local.set $s2 (v128.xor (local.get $s2) (local.get $shifted)))
          (local.set $s3 (v128.or (i64x2.shl (local.get $s3) (i32.const 45)) (i64x2.shr_u (local.get $s3) (i32.const 19))))
          (v128.store (local.get $pair) (local.get $s0))
          (v128.store offset=16 (local.get $pair) (local.get $s1))
          (v128.store offset=32 (local.get $pair) (local.get $s2))
          (v128.store offset=48 (local.get $pair) (local.get $s3))
          ;; A comparison that holds is −1.
          (local.set $inside (i64x2.sub
            (local.get $inside)
            (f64x2.lt
              (f64x2.add (f64x2.mul (local.get $x) (local.get $x)) (f64x2.mul (local.get $y) (local.get $y)))
              (v128.const f64x2 1 1))))
          (local.set $pair (i32.add (local.get $pair) (i32.const 64)))
          (br_if $next_pair (i32.lt_u (local.get $pair) (local.get $to))))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br_if $next_row (local.get $rows))))
    (local.get $inside))

  (func $sum (param $counts v128) (result i64)
    (i64.add (i64x2.extract_lane 0 (local.get $counts)) (i64x2.extract_lane 1 (local.get $counts))))

  ;; The points inside, of the first `iterations` iterations of a block, at most 4096. The last row may end before its 16th lane: then
  ;; it takes some whole pairs, and perhaps lane 0 of one more.
  (func $count_block (param $iterations i32) (result i64)
    (local $rest i32) (local $whole_pairs i32) (local $inside i64)
    (local.set $rest (i32.and (local.get $iterations) (i32.const 15)))
    (local.set $whole_pairs (i32.shl (i32.shr_u (local.get $rest) (i32.const 1)) (i32.const 6)))
    (local.set $inside (i64.add
      (call $sum (call $count_rows (i32.shr_u (local.get $iterations) (i32.const 4)) (i32.const 0) (i32.const 512)))
      (call $sum (call $count_rows (i32.const 1) (i32.const 0) (local.get $whole_pairs)))))
    (if (i32.and (local.get $rest) (i32.const 1))
      (then (local.set $inside (i64.add
        (local.get $inside)
        (i64x2.extract_lane 0 (call $count_rows
          (i32.const 1)
          (local.get $whole_pairs)
          (i32.add (local.get $whole_pairs) (i32.const 64))))))))
    (local.get $inside))

  ;; `n` may be any count that a double holds exactly.
  (func (export "count") (param $seed i64) (param $n f64) (result f64)
    (local $mixed_key i64) (local $block i64) (local $left i64) (local $iterations i32) (local $inside i64)
    (local.set $mixed_key (call $mix (call $loop_key (local.get $seed))))
    (local.set $left (i64.trunc_f64_u (local.get $n)))
    (block $done
      (loop $blocks
        (br_if $done (i64.eqz (local.get $left)))
        (local.set $iterations (i32.const 4096))
        (if (i64.lt_u (local.get $left) (i64.const 4096))
          (then (local.set $iterations (i32.wrap_i64 (local.get $left)))))
        (call $seed_block (local.get $mixed_key) (local.get $block))
        (local.set $inside (i64.add (local.get $inside) (call $count_block (local.get $iterations))))
        (local.set $left (i64.sub (local.get $left) (i64.extend_i32_u (local.get $iterations))))
        (local.set $block (i64.add (local.get $block) (i64.const 1)))
        (br $blocks)))
    (f64.convert_i64_u (local.get $inside))))
