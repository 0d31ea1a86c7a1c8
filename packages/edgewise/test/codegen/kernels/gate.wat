;; projected: plain loops
(func $step0plain (param i32 i32 i32 i32)
  (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 v128 v128 i32 v128 f64 f64 f64 f64 i32 i32 i32 i32 i32)
  local.get 0
  i32.load
  local.set 9
  local.get 0
  i32.load offset=4
  local.set 10
  local.get 0
  i32.load offset=8
  local.set 11
  local.get 0
  i32.load offset=12
  local.set 12
  local.get 0
  i32.load offset=16
  local.set 13
  local.get 0
  i32.load offset=20
  local.set 15
  local.get 0
  i32.load offset=24
  local.set 16
  local.get 0
  i32.load offset=28
  local.set 17
  local.get 0
  i32.load offset=32
  local.set 19
  local.get 0
  i32.load offset=36
  local.set 20
  local.get 0
  i32.load offset=40
  local.set 21
  local.get 0
  i32.load offset=44
  local.set 35
  local.get 0
  i32.load offset=48
  local.set 36
  local.get 0
  i32.load offset=52
  local.set 37
  local.get 0
  i32.load offset=56
  local.set 38
  local.get 1
  local.set 4
  local.get 4
  local.get 2
  i32.lt_s
  if
    loop
      local.get 4
      local.set 8
      local.get 8
      local.get 9
      i32.rem_u
      local.set 7
      local.get 8
      local.get 9
      i32.div_u
      local.set 8
      local.get 8
      local.get 10
      i32.rem_u
      local.set 6
      local.get 8
      local.get 10
      i32.div_u
      local.set 8
      local.get 8
      local.set 5
      local.get 12
      local.get 7
      local.get 13
      i32.mul
      i32.add
      local.set 14
      local.get 15
      local.get 5
      local.get 16
      i32.mul
      i32.add
      local.get 6
      local.get 17
      i32.mul
      i32.add
      local.set 18
      local.get 12
      local.get 7
      local.get 13
      i32.mul
      i32.add
      local.set 22
      local.get 15
      local.get 5
      local.get 16
      i32.mul
      i32.add
      local.get 6
      local.get 17
      i32.mul
      i32.add
      local.set 23
      i32.const 0
      local.set 24
      local.get 21
      local.set 25
      f64.const 0
      local.set 26
      local.get 19
      i32.const 4
      i32.eq
      local.get 20
      i32.const 4
      i32.eq
      i32.and
      if
        v128.const f32x4 0 0 0 0
        local.set 27
        v128.const f32x4 0 0 0 0
        local.set 28
        local.get 25
        i32.const 7
        i32.sub
        local.set 29
        i32.const 0
        local.set 24
        local.get 24
        local.get 29
        i32.lt_s
        if
          loop
            local.get 27
            local.get 22
            v128.load
            local.get 23
            v128.load
            f32x4.mul
            f32x4.add
            local.set 27
            local.get 28
            local.get 22
            v128.load offset=16
            local.get 23
            v128.load offset=16
            f32x4.mul
            f32x4.add
            local.set 28
            local.get 22
            i32.const 32
            i32.add
            local.set 22
            local.get 23
            i32.const 32
            i32.add
            local.set 23
            local.get 24
            i32.const 8
            i32.add
            local.set 24
            local.get 24
            local.get 29
            i32.lt_s
            br_if 0
          end
        end
        local.get 27
        local.get 28
        f32x4.add
        local.set 30
        local.get 30
        f32x4.extract_lane 0
        f64.promote_f32
        local.get 30
        f32x4.extract_lane 1
        f64.promote_f32
        f64.add
        local.get 30
        f32x4.extract_lane 2
        f64.promote_f32
        f64.add
        local.get 30
        f32x4.extract_lane 3
        f64.promote_f32
        f64.add
        local.set 26
      end
      local.get 24
      local.get 25
      i32.lt_s
      if
        loop
          local.get 22
          f32.load
          f64.promote_f32
          local.set 31
          local.get 23
          f32.load
          f64.promote_f32
          local.set 32
          local.get 26
          local.get 31
          local.get 32
          f64.mul
          f64.add
          local.set 26
          local.get 22
          local.get 19
          i32.add
          local.set 22
          local.get 23
          local.get 20
          i32.add
          local.set 23
          local.get 24
          i32.const 1
          i32.add
          local.set 24
          local.get 24
          local.get 25
          i32.lt_s
          br_if 0
        end
      end
      local.get 26
      local.set 33
      f64.const 1
      local.set 34
      local.get 35
      local.get 5
      local.get 36
      i32.mul
      i32.add
      local.get 6
      local.get 37
      i32.mul
      i32.add
      local.get 7
      local.get 38
      i32.mul
      i32.add
      local.set 39
      local.get 39
      local.get 39
      f32.load
      f64.promote_f32
      local.get 34
      local.get 33
      f64.mul
      f64.add
      f32.demote_f64
      f32.store
      local.get 4
      i32.const 1
      i32.add
      local.set 4
      local.get 4
      local.get 2
      i32.lt_s
      br_if 0
    end
  end
)

;; gated: plain loops
(func $step1plain (param i32 i32 i32 i32)
  (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 f64 i32 i32 i32 i32 i32)
  local.get 0
  i32.load
  local.set 9
  local.get 0
  i32.load offset=4
  local.set 10
  local.get 0
  i32.load offset=8
  local.set 11
  local.get 0
  i32.load offset=12
  local.set 12
  local.get 0
  i32.load offset=16
  local.set 13
  local.get 0
  i32.load offset=20
  local.set 14
  local.get 0
  i32.load offset=24
  local.set 15
  local.get 0
  i32.load offset=28
  local.set 18
  local.get 0
  i32.load offset=32
  local.set 19
  local.get 0
  i32.load offset=36
  local.set 20
  local.get 0
  i32.load offset=40
  local.set 21
  local.get 1
  local.set 4
  local.get 4
  local.get 2
  i32.lt_s
  if
    loop
      local.get 4
      local.set 8
      local.get 8
      local.get 9
      i32.rem_u
      local.set 7
      local.get 8
      local.get 9
      i32.div_u
      local.set 8
      local.get 8
      local.get 10
      i32.rem_u
      local.set 6
      local.get 8
      local.get 10
      i32.div_u
      local.set 8
      local.get 8
      local.set 5
      local.get 12
      local.get 5
      local.get 13
      i32.mul
      i32.add
      local.get 6
      local.get 14
      i32.mul
      i32.add
      local.get 7
      local.get 15
      i32.mul
      i32.add
      f32.load
      f64.promote_f32
      call 5
      local.set 16
      f64.const 1
      local.set 17
      local.get 18
      local.get 5
      local.get 19
      i32.mul
      i32.add
      local.get 6
      local.get 20
      i32.mul
      i32.add
      local.get 7
      local.get 21
      i32.mul
      i32.add
      local.set 22
      local.get 22
      local.get 22
      f32.load
      f64.promote_f32
      local.get 17
      local.get 16
      f64.mul
      f64.add
      f32.demote_f64
      f32.store
      local.get 4
      i32.const 1
      i32.add
      local.set 4
      local.get 4
      local.get 2
      i32.lt_s
      br_if 0
    end
  end
)
