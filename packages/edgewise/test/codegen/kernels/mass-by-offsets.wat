;; logPriorMass: plain loops
(func $step0 (param i32 i32 i32 i32)
  (local i32 i32 i32 f64 f64 f64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 i32 i32 f64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 f64 f64 f64 f64 i32 f64 f64 f64 f64 f64 i32 i32 i32 i32 i32 f64 i32 i32 i32 f64 f64 f64 i32 f64 f64 f64 f64 f64 i32 i32 i32 i32)
  local.get 0
  i32.load
  local.set 10
  local.get 3
  local.get 10
  i32.add
  local.set 11
  local.get 0
  i32.load offset=4
  local.set 12
  local.get 11
  local.get 12
  i32.const 24
  i32.mul
  i32.add
  local.set 13
  local.get 0
  i32.load offset=8
  local.set 14
  local.get 3
  local.get 14
  i32.add
  local.set 15
  local.get 0
  i32.load offset=12
  local.set 19
  local.get 0
  i32.load offset=16
  local.set 20
  local.get 0
  i32.load offset=20
  local.set 26
  local.get 0
  i32.load offset=24
  local.set 66
  local.get 0
  i32.load offset=28
  local.set 67
  local.get 0
  i32.load offset=32
  local.set 68
  local.get 1
  local.set 16
  local.get 16
  local.get 2
  i32.lt_s
  if
    loop
      local.get 16
      local.set 17
      local.get 17
      local.set 18
      local.get 19
      local.get 18
      local.get 20
      i32.mul
      i32.add
      f32.load
      f64.promote_f32
      local.set 21
      local.get 12
      local.set 5
      i32.const -2147483648
      local.set 22
      i32.const 2147483647
      local.set 23
      i32.const 0
      local.set 4
      local.get 4
      local.get 5
      i32.lt_s
      if
        loop
          local.get 4
          f64.convert_i32_s
          f64.const 1
          f64.add
          local.set 24
          i32.const 0
          local.set 25
          i32.const 0
          local.get 25
          local.get 25
          i32.const 0
          i32.lt_s
          select
          local.set 25
          local.get 26
          local.set 27
          local.get 24
          f64.ceil
          i32.trunc_sat_f64_s
          local.set 28
          local.get 27
          local.get 28
          local.get 28
          local.get 27
          i32.gt_s
          select
          local.set 28
          local.get 25
          local.get 4
          i32.sub
          local.set 29
          local.get 28
          local.get 25
          local.get 28
          local.get 25
          i32.gt_s
          select
          local.get 4
          i32.sub
          local.set 30
          local.get 15
          local.get 4
          i32.const 8
          i32.mul
          i32.add
          local.get 29
          i32.store
          local.get 15
          local.get 4
          i32.const 8
          i32.mul
          i32.add
          local.get 30
          i32.store offset=4
          local.get 29
          local.get 30
          i32.lt_s
          if
            local.get 29
            local.get 22
            local.get 29
            local.get 22
            i32.gt_s
            select
            local.set 22
            local.get 30
            local.get 23
            local.get 30
            local.get 23
            i32.lt_s
            select
            local.set 23
          end
          local.get 4
          i32.const 1
          i32.add
          local.set 4
          local.get 4
          local.get 5
          i32.lt_s
          br_if 0
        end
      end
      local.get 22
      i32.const 0
      local.get 22
      i32.const -2147483648
      i32.gt_s
      local.get 22
      local.get 23
      i32.lt_s
      i32.and
      select
      local.set 6
      local.get 6
      local.set 31
      local.get 6
      local.set 32
      i32.const 0
      local.set 4
      local.get 4
      local.get 5
      i32.lt_s
      if
        loop
          local.get 15
          local.get 4
          i32.const 8
          i32.mul
          i32.add
          local.set 35
          local.get 35
          i32.load
          local.set 33
          local.get 35
          i32.load offset=4
          local.set 34
          local.get 33
          local.get 6
          i32.le_s
          local.get 34
          local.get 6
          i32.gt_s
          i32.and
          if
            local.get 33
            local.get 31
            local.get 33
            local.get 31
            i32.lt_s
            select
            local.set 31
            local.get 34
            local.get 32
            local.get 34
            local.get 32
            i32.gt_s
            select
            local.set 32
          end
          local.get 4
          i32.const 1
          i32.add
          local.set 4
          local.get 4
          local.get 5
          i32.lt_s
          br_if 0
        end
      end
      f64.const -inf
      local.set 7
      f64.const 0
      local.set 8
      f64.const 0
      local.set 9
      local.get 6
      local.set 36
      local.get 36
      local.get 32
      i32.lt_s
      if
        loop
          f64.const -1
          local.get 36
          f64.convert_i32_s
          f64.mul
          local.set 37
          local.get 37
          f64.abs
          local.set 38
          local.get 21
          local.get 38
          f64.mul
          local.set 39
          local.get 39
          f64.neg
          local.set 40
          local.get 40
          local.set 41
          local.get 9
          f64.const 1
          f64.add
          local.set 9
          local.get 41
          f64.const inf
          f64.lt
          i32.eqz
          if
            local.get 3
            i32.const 1
            i32.store
            local.get 3
            local.get 41
            f64.store offset=24
          end
          local.get 41
          local.get 7
          f64.gt
          if
            local.get 8
            local.get 7
            local.get 41
            f64.sub
            call 0
            f64.mul
            f64.const 1
            f64.add
            local.set 8
            local.get 41
            local.set 7
          else
            local.get 41
            f64.const -inf
            f64.gt
            if
              local.get 8
              local.get 41
              local.get 7
              f64.sub
              call 0
              f64.add
              local.set 8
            end
          end
          local.get 13
          local.get 36
          i32.const 24
          i32.mul
          i32.add
          local.set 42
          local.get 42
          local.get 7
          f64.store
          local.get 42
          local.get 8
          f64.store offset=8
          local.get 42
          local.get 9
          f64.store offset=16
          local.get 36
          i32.const 1
          i32.add
          local.set 36
          local.get 36
          local.get 32
          i32.lt_s
          br_if 0
        end
      end
      f64.const -inf
      local.set 7
      f64.const 0
      local.set 8
      f64.const 0
      local.set 9
      local.get 6
      i32.const 1
      i32.sub
      local.set 36
      local.get 36
      local.get 31
      i32.ge_s
      if
        loop
          f64.const -1
          local.get 36
          f64.convert_i32_s
          f64.mul
          local.set 43
          local.get 43
          f64.abs
          local.set 44
          local.get 21
          local.get 44
          f64.mul
          local.set 45
          local.get 45
          f64.neg
          local.set 46
          local.get 46
          local.set 47
          local.get 9
          f64.const 1
          f64.add
          local.set 9
          local.get 47
          f64.const inf
          f64.lt
          i32.eqz
          if
            local.get 3
            i32.const 1
            i32.store
            local.get 3
            local.get 47
            f64.store offset=24
          end
          local.get 47
          local.get 7
          f64.gt
          if
            local.get 8
            local.get 7
            local.get 47
            f64.sub
            call 0
            f64.mul
            f64.const 1
            f64.add
            local.set 8
            local.get 47
            local.set 7
          else
            local.get 47
            f64.const -inf
            f64.gt
            if
              local.get 8
              local.get 47
              local.get 7
              f64.sub
              call 0
              f64.add
              local.set 8
            end
          end
          local.get 13
          local.get 36
          i32.const 24
          i32.mul
          i32.add
          local.set 48
          local.get 48
          local.get 7
          f64.store
          local.get 48
          local.get 8
          f64.store offset=8
          local.get 48
          local.get 9
          f64.store offset=16
          local.get 36
          i32.const 1
          i32.sub
          local.set 36
          local.get 36
          local.get 31
          i32.ge_s
          br_if 0
        end
      end
      i32.const 0
      local.set 51
      i32.const 0
      local.set 52
      f64.const -inf
      local.set 53
      f64.const -inf
      local.set 7
      f64.const 0
      local.set 8
      f64.const 0
      local.set 9
      i32.const 0
      local.set 4
      local.get 4
      local.get 5
      i32.lt_s
      if
        loop
          local.get 15
          local.get 4
          i32.const 8
          i32.mul
          i32.add
          local.set 54
          local.get 54
          i32.load
          local.set 49
          local.get 54
          i32.load offset=4
          local.set 50
          local.get 49
          local.get 51
          i32.eq
          local.get 50
          local.get 52
          i32.eq
          i32.and
          i32.eqz
          if
            local.get 49
            local.set 51
            local.get 50
            local.set 52
            local.get 49
            local.get 6
            i32.le_s
            local.get 50
            local.get 6
            i32.gt_s
            i32.and
            if
              local.get 13
              local.get 50
              i32.const 1
              i32.sub
              i32.const 24
              i32.mul
              i32.add
              local.set 55
              local.get 55
              f64.load
              local.set 7
              local.get 55
              f64.load offset=8
              local.set 8
              local.get 55
              f64.load offset=16
              local.set 9
              local.get 49
              local.get 6
              i32.lt_s
              if
                local.get 13
                local.get 49
                i32.const 24
                i32.mul
                i32.add
                local.set 56
                local.get 56
                f64.load
                local.set 57
                local.get 56
                f64.load offset=8
                local.set 58
                local.get 56
                f64.load offset=16
                local.set 59
                local.get 9
                local.get 59
                f64.add
                local.set 9
                local.get 57
                local.get 7
                f64.gt
                if
                  local.get 58
                  local.get 8
                  local.get 7
                  local.get 57
                  f64.sub
                  call 0
                  f64.mul
                  f64.add
                  local.set 8
                  local.get 57
                  local.set 7
                else
                  local.get 57
                  f64.const -inf
                  f64.gt
                  if
                    local.get 8
                    local.get 58
                    local.get 57
                    local.get 7
                    f64.sub
                    call 0
                    f64.mul
                    f64.add
                    local.set 8
                  end
                end
              end
            else
              f64.const -inf
              local.set 7
              f64.const 0
              local.set 8
              f64.const 0
              local.set 9
              local.get 49
              local.set 60
              local.get 60
              local.get 50
              i32.lt_s
              if
                loop
                  f64.const -1
                  local.get 60
                  f64.convert_i32_s
                  f64.mul
                  local.set 61
                  local.get 61
                  f64.abs
                  local.set 62
                  local.get 21
                  local.get 62
                  f64.mul
                  local.set 63
                  local.get 63
                  f64.neg
                  local.set 64
                  local.get 64
                  local.set 65
                  local.get 9
                  f64.const 1
                  f64.add
                  local.set 9
                  local.get 65
                  f64.const inf
                  f64.lt
                  i32.eqz
                  if
                    local.get 3
                    i32.const 1
                    i32.store
                    local.get 3
                    local.get 65
                    f64.store offset=24
                  end
                  local.get 65
                  local.get 7
                  f64.gt
                  if
                    local.get 8
                    local.get 7
                    local.get 65
                    f64.sub
                    call 0
                    f64.mul
                    f64.const 1
                    f64.add
                    local.set 8
                    local.get 65
                    local.set 7
                  else
                    local.get 65
                    f64.const -inf
                    f64.gt
                    if
                      local.get 8
                      local.get 65
                      local.get 7
                      f64.sub
                      call 0
                      f64.add
                      local.set 8
                    end
                  end
                  local.get 60
                  i32.const 1
                  i32.add
                  local.set 60
                  local.get 60
                  local.get 50
                  i32.lt_s
                  br_if 0
                end
              end
            end
            local.get 7
            local.get 8
            call 1
            f64.add
            local.set 53
            local.get 7
            f64.const -inf
            f64.eq
            if
              f64.const -inf
              local.set 53
            end
          end
          local.get 3
          local.get 3
          f64.load offset=8
          local.get 9
          f64.add
          f64.store offset=8
          local.get 3
          local.get 3
          f64.load offset=16
          local.get 53
          f64.const -inf
          f64.eq
          f64.convert_i32_s
          f64.add
          f64.store offset=16
          local.get 66
          local.get 18
          local.get 67
          i32.mul
          i32.add
          local.get 4
          local.get 68
          i32.mul
          i32.add
          local.set 69
          local.get 69
          local.get 53
          f32.demote_f64
          f32.store
          local.get 9
          f64.const 0
          f64.gt
          local.get 69
          f32.load
          f32.const -inf
          f32.eq
          i32.and
          if
            local.get 3
            i32.const 1
            i32.store offset=4
          end
          local.get 4
          i32.const 1
          i32.add
          local.set 4
          local.get 4
          local.get 5
          i32.lt_s
          br_if 0
        end
      end
      local.get 16
      i32.const 1
      i32.add
      local.set 16
      local.get 16
      local.get 2
      i32.lt_s
      br_if 0
    end
  end
)
