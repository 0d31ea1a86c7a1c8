;; logPriorMass: plain loops
(func $step0 (param i32 i32 i32 i32)
  (local i32 i32 i32 f64 i32 i32 i32 i32 f64 i32 i32 i32 f64)
  local.get 0
  i32.load
  local.set 9
  local.get 0
  i32.load offset=4
  local.set 13
  local.get 0
  i32.load offset=8
  local.set 14
  local.get 1
  local.set 4
  local.get 4
  local.get 2
  i32.lt_s
  if
    loop
      local.get 4
      local.set 5
      local.get 5
      local.set 6
      local.get 6
      f64.convert_i32_s
      f64.const 1
      f64.add
      local.set 7
      i32.const 0
      local.set 8
      i32.const 0
      local.get 8
      local.get 8
      i32.const 0
      i32.lt_s
      select
      local.set 8
      local.get 9
      local.set 10
      local.get 7
      f64.ceil
      i32.trunc_sat_f64_s
      local.set 11
      local.get 10
      local.get 11
      local.get 11
      local.get 10
      i32.gt_s
      select
      local.set 11
      local.get 11
      local.get 8
      i32.sub
      i32.const 0
      local.get 11
      local.get 8
      i32.gt_s
      select
      f64.convert_i32_s
      local.set 12
      local.get 3
      local.get 3
      f64.load offset=8
      local.get 12
      f64.add
      f64.store offset=8
      local.get 13
      local.get 6
      local.get 14
      i32.mul
      i32.add
      local.set 15
      local.get 12
      f64.const 0
      f64.gt
      if
        f64.const 0
        local.set 16
        local.get 16
        f64.const inf
        f64.lt
        i32.eqz
        if
          local.get 3
          i32.const 1
          i32.store
          local.get 3
          local.get 16
          f64.store offset=24
        end
        local.get 16
        f64.const -inf
        f64.eq
        if
          local.get 3
          local.get 3
          f64.load offset=16
          f64.const 1
          f64.add
          f64.store offset=16
          local.get 15
          f32.const -inf
          f32.store
        else
          local.get 15
          local.get 16
          local.get 12
          call 1
          f64.add
          f32.demote_f64
          f32.store
        end
        local.get 15
        f32.load
        f32.const -inf
        f32.eq
        if
          local.get 3
          i32.const 1
          i32.store offset=4
        end
      else
        local.get 3
        local.get 3
        f64.load offset=16
        f64.const 1
        f64.add
        f64.store offset=16
        local.get 15
        f32.const -inf
        f32.store
      end
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
