;; logPartition: plain loops
(func $step0plain (param i32 i32 i32 i32)
  (local f64 f64 f64 f64 f64 f64 i32 i32 i32 i32 i32 f64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 f64 f64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 v128 v128 i32 v128 f64 f64 f64 f64 f64 i32 i32 i32 i32 i32 i32 f64 i32 f64 f64 i32 f64 i32 f64 i32 i32 i32 i32 i32 i32 f64 i32 i32 i32 i32 i32)
  local.get 0
  i32.load
  local.set 10
  local.get 3
  local.get 10
  i32.add
  local.set 11
  local.get 0
  i32.load offset=4
  local.set 14
  local.get 0
  i32.load offset=8
  local.set 20
  local.get 0
  i32.load offset=12
  local.set 21
  local.get 0
  i32.load offset=16
  local.set 22
  local.get 0
  i32.load offset=20
  local.set 23
  local.get 0
  i32.load offset=24
  local.set 24
  local.get 0
  i32.load offset=28
  local.set 25
  local.get 0
  i32.load offset=32
  local.set 27
  local.get 0
  i32.load offset=36
  local.set 31
  local.get 0
  i32.load offset=40
  local.set 32
  local.get 0
  i32.load offset=44
  local.set 33
  local.get 0
  i32.load offset=48
  local.set 35
  local.get 0
  i32.load offset=52
  local.set 38
  local.get 0
  i32.load offset=56
  local.set 43
  local.get 0
  i32.load offset=60
  local.set 45
  local.get 0
  i32.load offset=64
  local.set 49
  local.get 0
  i32.load offset=68
  local.set 51
  local.get 0
  i32.load offset=72
  local.set 52
  local.get 0
  i32.load offset=76
  local.set 68
  local.get 0
  i32.load offset=80
  local.set 69
  local.get 0
  i32.load offset=84
  local.set 70
  local.get 0
  i32.load offset=88
  local.set 71
  local.get 0
  i32.load offset=92
  local.set 83
  local.get 0
  i32.load offset=96
  local.set 84
  local.get 0
  i32.load offset=100
  local.set 85
  local.get 0
  i32.load offset=104
  local.set 86
  local.get 0
  i32.load offset=108
  local.set 87
  local.get 0
  i32.load offset=112
  local.set 89
  local.get 0
  i32.load offset=116
  local.set 90
  local.get 0
  i32.load offset=120
  local.set 91
  local.get 0
  i32.load offset=124
  local.set 92
  local.get 0
  i32.load offset=128
  local.set 93
  local.get 14
  f64.convert_i32_s
  f64.sqrt
  local.set 15
  local.get 1
  local.set 13
  local.get 13
  local.get 2
  i32.lt_s
  if
    loop
      local.get 13
      local.set 16
      local.get 16
      local.get 20
      i32.rem_u
      local.set 19
      local.get 16
      local.get 20
      i32.div_u
      local.set 16
      local.get 16
      local.get 21
      i32.rem_u
      local.set 18
      local.get 16
      local.get 21
      i32.div_u
      local.set 16
      local.get 16
      local.set 17
      local.get 22
      local.get 17
      local.get 23
      i32.mul
      i32.add
      local.get 18
      local.get 24
      i32.mul
      i32.add
      local.get 19
      local.get 25
      i32.mul
      i32.add
      local.set 26
      local.get 18
      f64.convert_i32_s
      local.get 27
      f64.convert_i32_s
      f64.mul
      local.set 28
      local.get 28
      local.get 21
      f64.convert_i32_s
      f64.div
      local.set 29
      local.get 29
      f64.floor
      local.set 30
      local.get 30
      i32.trunc_sat_f64_s
      local.set 34
      local.get 33
      i32.const 1
      i32.sub
      local.get 34
      local.get 34
      local.get 33
      i32.const 1
      i32.sub
      i32.gt_s
      select
      local.set 34
      local.get 31
      local.get 17
      local.get 32
      i32.mul
      i32.add
      i32.const 0
      local.get 34
      local.get 34
      i32.const 0
      i32.lt_s
      select
      local.get 35
      i32.mul
      i32.add
      local.set 36
      f64.const 0
      local.set 4
      f64.const 0
      local.set 5
      f64.const -inf
      local.set 6
      f64.const 0
      local.set 7
      local.get 11
      local.set 12
      i32.const 0
      local.set 37
      i32.const 0
      local.get 37
      local.get 37
      i32.const 0
      i32.lt_s
      select
      local.set 37
      local.get 38
      local.set 39
      local.get 39
      local.set 40
      local.get 39
      local.get 40
      local.get 40
      local.get 39
      i32.gt_s
      select
      local.set 40
      local.get 19
      local.set 44
      local.get 45
      local.get 44
      i32.const 2
      i32.shl
      i32.add
      local.set 46
      local.get 46
      i32.load
      local.set 47
      local.get 46
      i32.load offset=4
      local.set 48
      local.get 47
      local.set 42
      local.get 42
      local.get 48
      i32.lt_s
      if
        loop
          local.get 43
          local.get 42
          i32.const 4
          i32.mul
          i32.add
          i32.load
          local.set 41
          local.get 41
          local.get 37
          i32.ge_s
          local.get 41
          local.get 40
          i32.lt_s
          i32.and
          if
            local.get 36
            local.get 41
            local.get 49
            i32.mul
            i32.add
            local.set 50
            local.get 22
            local.get 17
            local.get 23
            i32.mul
            i32.add
            local.get 18
            local.get 24
            i32.mul
            i32.add
            local.get 19
            local.get 25
            i32.mul
            i32.add
            local.set 53
            local.get 30
            i32.trunc_sat_f64_s
            local.set 54
            local.get 33
            i32.const 1
            i32.sub
            local.get 54
            local.get 54
            local.get 33
            i32.const 1
            i32.sub
            i32.gt_s
            select
            local.set 54
            local.get 31
            local.get 17
            local.get 32
            i32.mul
            i32.add
            i32.const 0
            local.get 54
            local.get 54
            i32.const 0
            i32.lt_s
            select
            local.get 35
            i32.mul
            i32.add
            local.get 41
            local.get 49
            i32.mul
            i32.add
            local.set 55
            i32.const 0
            local.set 56
            local.get 14
            local.set 57
            f64.const 0
            local.set 58
            local.get 51
            i32.const 4
            i32.eq
            local.get 52
            i32.const 4
            i32.eq
            i32.and
            if
              v128.const f32x4 0 0 0 0
              local.set 59
              v128.const f32x4 0 0 0 0
              local.set 60
              local.get 57
              i32.const 7
              i32.sub
              local.set 61
              i32.const 0
              local.set 56
              local.get 56
              local.get 61
              i32.lt_s
              if
                loop
                  local.get 59
                  local.get 53
                  v128.load
                  local.get 55
                  v128.load
                  f32x4.mul
                  f32x4.add
                  local.set 59
                  local.get 60
                  local.get 53
                  v128.load offset=16
                  local.get 55
                  v128.load offset=16
                  f32x4.mul
                  f32x4.add
                  local.set 60
                  local.get 53
                  i32.const 32
                  i32.add
                  local.set 53
                  local.get 55
                  i32.const 32
                  i32.add
                  local.set 55
                  local.get 56
                  i32.const 8
                  i32.add
                  local.set 56
                  local.get 56
                  local.get 61
                  i32.lt_s
                  br_if 0
                end
              end
              local.get 59
              local.get 60
              f32x4.add
              local.set 62
              local.get 62
              f32x4.extract_lane 0
              f64.promote_f32
              local.get 62
              f32x4.extract_lane 1
              f64.promote_f32
              f64.add
              local.get 62
              f32x4.extract_lane 2
              f64.promote_f32
              f64.add
              local.get 62
              f32x4.extract_lane 3
              f64.promote_f32
              f64.add
              local.set 58
            end
            local.get 56
            local.get 57
            i32.lt_s
            if
              loop
                local.get 53
                f32.load
                f64.promote_f32
                local.set 63
                local.get 55
                f32.load
                f64.promote_f32
                local.set 64
                local.get 58
                local.get 63
                local.get 64
                f64.mul
                f64.add
                local.set 58
                local.get 53
                local.get 51
                i32.add
                local.set 53
                local.get 55
                local.get 52
                i32.add
                local.set 55
                local.get 56
                i32.const 1
                i32.add
                local.set 56
                local.get 56
                local.get 57
                i32.lt_s
                br_if 0
              end
            end
            local.get 58
            local.set 65
            local.get 65
            local.get 15
            f64.div
            local.set 66
            local.get 4
            f64.const 1
            f64.add
            local.set 4
            local.get 66
            local.set 67
            local.get 12
            local.get 67
            f64.store
            local.get 12
            local.get 41
            i32.store offset=8
            local.get 12
            i32.const 16
            i32.add
            local.set 12
            local.get 67
            local.get 6
            f64.le
            i32.eqz
            local.get 6
            local.get 6
            f64.eq
            i32.and
            if
              local.get 6
              f64.const -inf
              f64.gt
              if
                local.get 6
                local.get 67
                f64.sub
                call 0
                local.set 8
                local.get 7
                local.get 8
                f64.mul
                local.set 7
              end
              local.get 67
              local.set 6
            end
            local.get 67
            f64.const -inf
            f64.gt
            if
              local.get 67
              local.get 6
              f64.sub
              call 0
              local.set 9
              local.get 7
              local.get 9
              f64.add
              local.set 7
            end
          end
          local.get 42
          i32.const 1
          i32.add
          local.set 42
          local.get 42
          local.get 48
          i32.lt_s
          br_if 0
        end
      end
      local.get 6
      f64.const inf
      f64.lt
      i32.eqz
      if
        local.get 3
        i32.const 1
        i32.store
        local.get 3
        local.get 6
        f64.store offset=24
      end
      local.get 68
      local.get 17
      local.get 69
      i32.mul
      i32.add
      local.get 18
      local.get 70
      i32.mul
      i32.add
      local.get 19
      local.get 71
      i32.mul
      i32.add
      local.set 72
      local.get 6
      f64.const -inf
      f64.eq
      if
        f64.const 1
        local.set 5
        local.get 72
        f32.const -inf
        f32.store
      else
        local.get 72
        local.get 6
        local.get 7
        call 1
        f64.add
        f32.demote_f64
        f32.store
        f64.const 1
        local.get 7
        f64.div
        local.set 8
        local.get 7
        local.get 8
        f64.mul
        local.set 7
      end
      local.get 4
      f64.const 0
      f64.gt
      local.get 72
      f32.load
      f32.const -inf
      f32.eq
      i32.and
      if
        local.get 3
        i32.const 1
        i32.store offset=4
      end
      f64.const -inf
      local.set 74
      local.get 11
      local.set 73
      local.get 73
      local.get 12
      i32.lt_s
      if
        loop
          local.get 74
          local.get 73
          f64.load
          f64.max
          local.set 74
          local.get 73
          i32.const 16
          i32.add
          local.set 73
          local.get 73
          local.get 12
          i32.lt_s
          br_if 0
        end
      end
      f64.const 0
      local.set 76
      local.get 74
      f64.const -inf
      f64.gt
      if
        local.get 11
        local.set 75
        local.get 75
        local.get 12
        i32.lt_s
        if
          loop
            local.get 75
            f64.load
            local.get 74
            f64.sub
            call 0
            local.set 77
            local.get 75
            local.get 77
            f64.store
            local.get 76
            local.get 77
            f64.add
            local.set 76
            local.get 75
            i32.const 16
            i32.add
            local.set 75
            local.get 75
            local.get 12
            i32.lt_s
            br_if 0
          end
        end
      end
      i32.const 0
      local.set 78
      i32.const 2
      local.set 82
      local.get 78
      local.get 82
      i32.lt_s
      if
        loop
          i32.const -1
          local.set 80
          f64.const 0
          local.set 79
          local.get 76
          local.get 83
          local.get 17
          local.get 84
          i32.mul
          i32.add
          local.get 18
          local.get 85
          i32.mul
          i32.add
          local.get 19
          local.get 86
          i32.mul
          i32.add
          local.get 78
          local.get 87
          i32.mul
          i32.add
          f32.load
          f64.promote_f32
          f64.mul
          local.set 81
          local.get 11
          local.set 75
          local.get 76
          f64.const 0
          f64.gt
          local.get 75
          local.get 12
          i32.lt_u
          local.get 79
          local.get 81
          f64.le
          i32.and
          i32.and
          if
            loop
              local.get 75
              f64.load
              local.set 88
              local.get 88
              f64.const 0
              f64.gt
              if
                local.get 79
                local.get 88
                f64.add
                local.set 79
                local.get 75
                i32.load offset=8
                local.set 80
              end
              local.get 75
              i32.const 16
              i32.add
              local.set 75
              local.get 76
              f64.const 0
              f64.gt
              local.get 75
              local.get 12
              i32.lt_u
              local.get 79
              local.get 81
              f64.le
              i32.and
              i32.and
              br_if 0
            end
          end
          local.get 89
          local.get 17
          local.get 90
          i32.mul
          i32.add
          local.get 18
          local.get 91
          i32.mul
          i32.add
          local.get 19
          local.get 92
          i32.mul
          i32.add
          local.get 78
          local.get 93
          i32.mul
          i32.add
          local.get 80
          f32.convert_i32_s
          f32.store
          local.get 78
          i32.const 1
          i32.add
          local.set 78
          local.get 78
          local.get 82
          i32.lt_s
          br_if 0
        end
      end
      local.get 3
      local.get 3
      f64.load offset=8
      local.get 4
      f64.add
      f64.store offset=8
      local.get 3
      local.get 3
      f64.load offset=16
      local.get 5
      f64.add
      f64.store offset=16
      local.get 13
      i32.const 1
      i32.add
      local.set 13
      local.get 13
      local.get 2
      i32.lt_s
      br_if 0
    end
  end
)
