;; logPartition: tiles of receivers by senders
(func $step0 (param i32 i32 i32 i32)
  (local i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 v128 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 i32 i32 i32 i32 f64 i32 i32 i32 v128 i32 i32 i32 i32 v128 i32 i32 i32 f64 f64 f64 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f32 v128 v128 v128 i32 i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 f32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32 i32 v128 v128 v128 i32 i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32 i32 i32 v128 v128 i32 f32 v128 v128 i32 i32 v128 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 f32 v128 v128 v128 v128 v128 i32 i32 i32 i32 i32 v128 v128 v128 i32 i32 v128 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32 i32 i32 f64 v128 f64 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32 f64 v128 i32 i32 i32 i32 i32 i32 i32)
  local.get 0
  i32.load
  local.set 15
  local.get 3
  local.get 15
  i32.add
  local.set 16
  local.get 0
  i32.load offset=4
  local.set 17
  local.get 3
  local.get 17
  i32.add
  local.set 18
  local.get 0
  i32.load offset=8
  local.set 19
  local.get 3
  local.get 19
  i32.add
  local.set 20
  local.get 0
  i32.load offset=12
  local.set 21
  local.get 3
  local.get 21
  i32.add
  local.set 22
  local.get 0
  i32.load offset=16
  local.set 23
  local.get 3
  local.get 23
  i32.add
  local.set 24
  local.get 0
  i32.load offset=20
  local.set 25
  local.get 3
  local.get 25
  i32.add
  local.set 26
  local.get 0
  i32.load offset=24
  local.set 27
  local.get 3
  local.get 27
  i32.add
  local.set 28
  local.get 0
  i32.load offset=28
  local.set 29
  local.get 3
  local.get 29
  i32.add
  local.set 30
  local.get 0
  i32.load offset=32
  local.set 31
  local.get 3
  local.get 31
  i32.add
  local.set 32
  local.get 0
  i32.load offset=36
  local.set 33
  local.get 0
  i32.load offset=40
  local.set 35
  local.get 3
  local.get 35
  i32.add
  local.set 36
  local.get 0
  i32.load offset=44
  local.set 37
  local.get 0
  i32.load offset=48
  local.set 38
  local.get 3
  local.get 38
  i32.add
  local.set 39
  local.get 0
  i32.load offset=52
  local.set 40
  local.get 3
  local.get 40
  i32.add
  local.set 41
  local.get 0
  i32.load offset=56
  local.set 43
  local.get 0
  i32.load offset=60
  local.set 44
  local.get 0
  i32.load offset=64
  local.set 45
  local.get 0
  i32.load offset=68
  local.set 46
  v128.const f32x4 0 0 0 0
  local.set 51
  local.get 0
  i32.load offset=72
  local.set 55
  local.get 0
  i32.load offset=76
  local.set 57
  local.get 0
  i32.load offset=80
  local.set 58
  local.get 0
  i32.load offset=84
  local.set 59
  local.get 0
  i32.load offset=88
  local.set 63
  local.get 0
  i32.load offset=92
  local.set 65
  local.get 0
  i32.load offset=96
  local.set 66
  local.get 0
  i32.load offset=100
  local.set 67
  local.get 0
  i32.load offset=104
  local.set 68
  local.get 0
  i32.load offset=108
  local.set 70
  local.get 0
  i32.load offset=112
  local.set 71
  local.get 0
  i32.load offset=116
  local.set 72
  local.get 0
  i32.load offset=120
  local.set 74
  local.get 0
  i32.load offset=124
  local.set 76
  local.get 0
  i32.load offset=128
  local.set 77
  local.get 0
  i32.load offset=132
  local.set 78
  local.get 0
  i32.load offset=136
  local.set 82
  local.get 0
  i32.load offset=140
  local.set 84
  local.get 0
  i32.load offset=144
  local.set 85
  local.get 0
  i32.load offset=148
  local.set 87
  local.get 0
  i32.load offset=152
  local.set 89
  local.get 0
  i32.load offset=156
  local.set 91
  v128.const i32x4 -8388608 -8388608 -8388608 -8388608
  local.set 99
  v128.const f32x4 12582912 12582912 12582912 12582912
  local.set 115
  v128.const f32x4 1.4426950216293335 1.4426950216293335 1.4426950216293335 1.4426950216293335
  local.set 116
  v128.const f32x4 0.6931471824645996 0.6931471824645996 0.6931471824645996 0.6931471824645996
  local.set 119
  v128.const f32x4 0.008290143683552742 0.008290143683552742 0.008290143683552742 0.008290143683552742
  local.set 121
  v128.const f32x4 0.04189885035157204 0.04189885035157204 0.04189885035157204 0.04189885035157204
  local.set 122
  v128.const f32x4 0.16667644679546356 0.16667644679546356 0.16667644679546356 0.16667644679546356
  local.set 123
  v128.const f32x4 0.49999141693115234 0.49999141693115234 0.49999141693115234 0.49999141693115234
  local.set 124
  v128.const f32x4 0.9999997019767761 0.9999997019767761 0.9999997019767761 0.9999997019767761
  local.set 125
  v128.const f32x4 1 1 1 1
  local.set 126
  v128.const f32x4 -87.30000305175781 -87.30000305175781 -87.30000305175781 -87.30000305175781
  local.set 127
  v128.const i32x4 -8388609 -8388609 -8388609 -8388609
  local.set 171
  v128.const i32x4 8388608 8388608 8388608 8388608
  local.set 222
  v128.const f32x4 8388608 8388608 8388608 8388608
  local.set 224
  v128.const f32x4 23 23 23 23
  local.set 227
  v128.const f32x4 -0.0450744666159153 -0.0450744666159153 -0.0450744666159153 -0.0450744666159153
  local.set 231
  v128.const f32x4 0.10462995618581772 0.10462995618581772 0.10462995618581772 0.10462995618581772
  local.set 232
  v128.const f32x4 -0.13161195814609528 -0.13161195814609528 -0.13161195814609528 -0.13161195814609528
  local.set 233
  v128.const f32x4 0.14478400349617004 0.14478400349617004 0.14478400349617004 0.14478400349617004
  local.set 234
  v128.const f32x4 -0.1664731204509735 -0.1664731204509735 -0.1664731204509735 -0.1664731204509735
  local.set 235
  v128.const f32x4 0.19990861415863037 0.19990861415863037 0.19990861415863037 0.19990861415863037
  local.set 236
  v128.const f32x4 -0.2500009536743164 -0.2500009536743164 -0.2500009536743164 -0.2500009536743164
  local.set 237
  v128.const f32x4 0.3333345055580139 0.3333345055580139 0.3333345055580139 0.3333345055580139
  local.set 238
  v128.const f32x4 -0.5 -0.5 -0.5 -0.5
  local.set 239
  v128.const f32x4 -0.00021219444170128554 -0.00021219444170128554 -0.00021219444170128554 -0.00021219444170128554
  local.set 240
  v128.const f32x4 0.693359375 0.693359375 0.693359375 0.693359375
  local.set 241
  v128.const i32x4 2139095040 2139095040 2139095040 2139095040
  local.set 242
  v128.const i32x4 2143289344 2143289344 2143289344 2143289344
  local.set 243
  local.get 0
  i32.load offset=160
  local.set 244
  local.get 0
  i32.load offset=164
  local.set 245
  local.get 0
  i32.load offset=168
  local.set 246
  local.get 0
  i32.load offset=172
  local.set 247
  local.get 0
  i32.load offset=176
  local.set 250
  local.get 0
  i32.load offset=180
  local.set 251
  local.get 0
  i32.load offset=184
  local.set 252
  local.get 0
  i32.load offset=188
  local.set 253
  local.get 46
  f64.convert_i32_s
  f64.sqrt
  local.set 47
  local.get 1
  local.set 4
  local.get 4
  local.get 2
  i32.lt_s
  if
    loop
      f64.const 0
      local.set 13
      local.get 51
      local.set 14
      local.get 4
      local.get 44
      i32.div_u
      local.set 48
      local.get 4
      local.get 44
      i32.rem_u
      local.get 45
      i32.mul
      local.set 49
      local.get 49
      local.get 45
      i32.add
      local.set 50
      local.get 43
      local.get 50
      local.get 50
      local.get 43
      i32.gt_s
      select
      local.set 50
      local.get 48
      local.set 52
      local.get 52
      local.get 55
      i32.rem_u
      local.set 54
      local.get 52
      local.get 55
      i32.div_u
      local.set 52
      local.get 52
      local.set 53
      f64.const 1
      local.get 47
      f64.div
      f32.demote_f64
      f32x4.splat
      local.set 56
      local.get 54
      f64.convert_i32_s
      local.get 59
      f64.convert_i32_s
      f64.mul
      local.set 60
      local.get 60
      local.get 55
      f64.convert_i32_s
      f64.div
      local.set 61
      local.get 61
      f64.floor
      local.set 62
      local.get 62
      i32.trunc_sat_f64_s
      local.set 64
      local.get 63
      i32.const 1
      i32.sub
      local.get 64
      local.get 64
      local.get 63
      i32.const 1
      i32.sub
      i32.gt_s
      select
      local.set 64
      local.get 57
      local.get 53
      local.get 58
      i32.mul
      i32.add
      i32.const 0
      local.get 64
      local.get 64
      i32.const 0
      i32.lt_s
      select
      local.get 65
      i32.mul
      i32.add
      local.set 34
      local.get 66
      local.get 53
      local.get 67
      i32.mul
      i32.add
      local.get 54
      local.get 68
      i32.mul
      i32.add
      local.set 69
      local.get 62
      i32.trunc_sat_f64_s
      local.set 73
      local.get 72
      i32.const 1
      i32.sub
      local.get 73
      local.get 73
      local.get 72
      i32.const 1
      i32.sub
      i32.gt_s
      select
      local.set 73
      local.get 70
      local.get 53
      local.get 71
      i32.mul
      i32.add
      i32.const 0
      local.get 73
      local.get 73
      i32.const 0
      i32.lt_s
      select
      local.get 74
      i32.mul
      i32.add
      local.set 75
      f64.const 0
      local.set 42
      local.get 49
      local.set 49
      local.get 49
      local.get 50
      i32.lt_s
      if
        loop
          local.get 49
          local.get 76
          i32.mul
          local.set 5
          local.get 77
          local.get 5
          i32.sub
          local.set 6
          local.get 76
          local.get 6
          local.get 6
          local.get 76
          i32.gt_s
          select
          local.set 6
          local.get 6
          i32.const 0
          i32.gt_s
          if
            local.get 13
            local.get 6
            f64.convert_i32_s
            local.get 78
            f64.convert_i32_s
            f64.mul
            f64.add
            local.set 13
            local.get 78
            local.set 79
            i32.const 0
            local.set 80
            i32.const 0
            local.set 81
            local.get 81
            local.get 6
            i32.lt_s
            if
              loop
                local.get 39
                local.get 81
                i32.const 2
                i32.shl
                i32.add
                f32.const -inf
                f32.store
                local.get 81
                i32.const 1
                i32.add
                local.set 81
                local.get 81
                local.get 6
                i32.lt_s
                br_if 0
              end
            end
            local.get 41
            i32.const 0
            local.get 6
            i32.const 4
            i32.shl
            memory.fill
            local.get 36
            i32.const 0
            local.get 6
            local.get 37
            i32.mul
            memory.fill
            local.get 80
            i32.const -8
            i32.and
            local.set 9
            local.get 9
            local.get 79
            i32.lt_s
            if
              loop
                local.get 78
                local.get 9
                i32.sub
                local.set 10
                i32.const 144
                local.get 10
                local.get 10
                i32.const 144
                i32.gt_s
                select
                local.set 10
                local.get 33
                i32.eqz
                if
                  local.get 82
                  local.set 83
                  local.get 34
                  local.get 83
                  local.get 9
                  i32.mul
                  i32.add
                  local.get 83
                  local.get 10
                  local.get 84
                  i32.const 7
                  i32.add
                  i32.const 3
                  i32.shr_u
                  i32.const 4608
                  local.get 32
                  i32.const 0
                  call 13
                end
                local.get 85
                local.set 86
                local.get 75
                local.get 86
                local.get 9
                i32.mul
                i32.add
                local.get 86
                local.get 87
                local.get 10
                local.get 46
                local.get 28
                i32.const 0
                call 12
                i32.const 0
                local.set 7
                local.get 7
                local.get 6
                i32.lt_s
                if
                  loop
                    local.get 6
                    local.get 7
                    i32.sub
                    local.set 8
                    i32.const 24
                    local.get 8
                    local.get 8
                    i32.const 24
                    i32.gt_s
                    select
                    local.set 8
                    i32.const 0
                    local.set 88
                    i32.const 0
                    local.set 11
                    local.get 10
                    i32.const 7
                    i32.add
                    i32.const 3
                    i32.shr_u
                    local.set 12
                    local.get 10
                    i32.const 7
                    i32.and
                    i32.eqz
                    local.set 88
                    local.get 11
                    local.get 12
                    i32.lt_s
                    if
                      local.get 89
                      local.set 90
                      local.get 69
                      local.get 90
                      local.get 5
                      local.get 7
                      i32.add
                      i32.mul
                      i32.add
                      local.get 90
                      local.get 91
                      local.get 8
                      local.get 28
                      local.get 11
                      local.get 12
                      local.get 46
                      local.get 30
                      i32.const 0
                      i32.add
                      local.get 26
                      call 8
                      local.get 88
                      if
                        i32.const 0
                        local.set 92
                        local.get 92
                        local.get 8
                        i32.lt_s
                        if
                          loop
                            local.get 7
                            local.get 92
                            i32.add
                            local.set 93
                            local.get 30
                            local.get 92
                            i32.const 608
                            i32.mul
                            i32.add
                            local.set 94
                            local.get 93
                            i32.const 2
                            i32.shl
                            local.set 95
                            local.get 9
                            i32.const 2
                            i32.shl
                            local.set 96
                            local.get 39
                            local.get 93
                            i32.const 2
                            i32.shl
                            i32.add
                            local.set 97
                            local.get 97
                            f32.load
                            local.set 98
                            local.get 99
                            local.set 100
                            local.get 99
                            local.set 101
                            local.get 12
                            i32.const 32
                            i32.mul
                            local.set 104
                            local.get 11
                            i32.const 32
                            i32.mul
                            local.set 102
                            local.get 102
                            local.get 104
                            i32.lt_s
                            if
                              loop
                                local.get 94
                                local.get 102
                                i32.add
                                local.set 103
                                local.get 103
                                v128.load
                                local.set 105
                                local.get 105
                                local.get 56
                                f32x4.mul
                                local.set 106
                                local.get 106
                                local.set 107
                                local.get 103
                                local.get 107
                                v128.store
                                local.get 100
                                local.get 107
                                f32x4.pmax
                                local.set 100
                                local.get 103
                                v128.load offset=16
                                local.set 108
                                local.get 108
                                local.get 56
                                f32x4.mul
                                local.set 109
                                local.get 109
                                local.set 110
                                local.get 103
                                local.get 110
                                v128.store offset=16
                                local.get 101
                                local.get 110
                                f32x4.pmax
                                local.set 101
                                local.get 102
                                i32.const 32
                                i32.add
                                local.set 102
                                local.get 102
                                local.get 104
                                i32.lt_s
                                br_if 0
                              end
                            end
                            local.get 100
                            local.get 101
                            f32x4.pmax
                            local.set 111
                            local.get 111
                            local.get 111
                            local.get 111
                            i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
                            f32x4.pmax
                            local.set 112
                            local.get 112
                            local.get 112
                            local.get 112
                            i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11
                            f32x4.pmax
                            f32x4.extract_lane 0
                            local.set 113
                            local.get 113
                            f32.const -3.4028234663852886e+38
                            f32.max
                            local.set 113
                            local.get 113
                            local.get 98
                            f32.gt
                            if
                              local.get 97
                              local.get 113
                              f32.store
                              local.get 98
                              f32.const -inf
                              f32.gt
                              if
                                local.get 98
                                local.get 113
                                f32.sub
                                f32x4.splat
                                local.set 114
                                local.get 114
                                local.get 116
                                local.get 115
                                f32x4.relaxed_madd
                                local.set 117
                                local.get 117
                                local.get 115
                                f32x4.sub
                                local.set 118
                                local.get 118
                                local.get 119
                                local.get 114
                                f32x4.relaxed_nmadd
                                local.set 120
                                local.get 121
                                local.get 120
                                local.get 122
                                f32x4.relaxed_madd
                                local.get 120
                                local.get 123
                                f32x4.relaxed_madd
                                local.get 120
                                local.get 124
                                f32x4.relaxed_madd
                                local.get 120
                                local.get 125
                                f32x4.relaxed_madd
                                local.get 120
                                local.get 126
                                f32x4.relaxed_madd
                                local.get 117
                                i32.const 23
                                i32x4.shl
                                i32x4.add
                                local.get 114
                                local.get 127
                                f32x4.lt
                                v128.andnot
                                local.set 128
                                local.get 41
                                local.get 93
                                i32.const 4
                                i32.shl
                                i32.add
                                local.set 129
                                local.get 129
                                local.get 129
                                v128.load
                                local.get 128
                                f32x4.mul
                                v128.store
                                local.get 36
                                local.get 93
                                local.get 37
                                i32.mul
                                i32.add
                                local.set 130
                                local.get 130
                                local.set 131
                                local.get 130
                                local.set 132
                                local.get 37
                                i32.const 2
                                i32.shr_u
                                local.set 133
                                local.get 133
                                i32.const 4
                                i32.ge_s
                                if
                                  loop
                                    local.get 131
                                    local.get 132
                                    v128.load
                                    local.get 128
                                    f32x4.mul
                                    v128.store
                                    local.get 131
                                    i32.const 16
                                    i32.add
                                    local.set 131
                                    local.get 132
                                    i32.const 16
                                    i32.add
                                    local.set 132
                                    local.get 133
                                    i32.const 4
                                    i32.sub
                                    local.set 133
                                    local.get 133
                                    i32.const 4
                                    i32.ge_s
                                    br_if 0
                                  end
                                end
                                local.get 133
                                i32.const 0
                                i32.gt_s
                                if
                                  loop
                                    local.get 131
                                    local.get 132
                                    f32.load
                                    local.get 128
                                    f32x4.extract_lane 0
                                    f32.mul
                                    f32.store
                                    local.get 131
                                    i32.const 4
                                    i32.add
                                    local.set 131
                                    local.get 132
                                    i32.const 4
                                    i32.add
                                    local.set 132
                                    local.get 133
                                    i32.const 1
                                    i32.sub
                                    local.set 133
                                    local.get 133
                                    i32.const 0
                                    i32.gt_s
                                    br_if 0
                                  end
                                end
                              end
                              local.get 113
                              local.set 98
                            end
                            f32.const 0
                            local.get 98
                            local.get 98
                            f32.const -inf
                            f32.eq
                            select
                            f32x4.splat
                            local.set 134
                            local.get 51
                            local.set 135
                            local.get 51
                            local.set 136
                            local.get 12
                            i32.const 32
                            i32.mul
                            local.set 139
                            local.get 11
                            i32.const 32
                            i32.mul
                            local.set 137
                            local.get 137
                            local.get 139
                            i32.lt_s
                            if
                              loop
                                local.get 94
                                local.get 137
                                i32.add
                                local.set 138
                                local.get 138
                                v128.load
                                local.set 140
                                local.get 140
                                local.get 134
                                f32x4.sub
                                local.set 141
                                local.get 141
                                local.get 116
                                local.get 115
                                f32x4.relaxed_madd
                                local.set 142
                                local.get 142
                                local.get 115
                                f32x4.sub
                                local.set 143
                                local.get 143
                                local.get 119
                                local.get 141
                                f32x4.relaxed_nmadd
                                local.set 144
                                local.get 121
                                local.get 144
                                local.get 122
                                f32x4.relaxed_madd
                                local.get 144
                                local.get 123
                                f32x4.relaxed_madd
                                local.get 144
                                local.get 124
                                f32x4.relaxed_madd
                                local.get 144
                                local.get 125
                                f32x4.relaxed_madd
                                local.get 144
                                local.get 126
                                f32x4.relaxed_madd
                                local.get 142
                                i32.const 23
                                i32x4.shl
                                i32x4.add
                                local.get 141
                                local.get 127
                                f32x4.lt
                                v128.andnot
                                local.set 145
                                local.get 135
                                local.get 145
                                f32x4.add
                                local.set 135
                                local.get 138
                                local.get 145
                                v128.store
                                local.get 138
                                v128.load offset=16
                                local.set 146
                                local.get 146
                                local.get 134
                                f32x4.sub
                                local.set 147
                                local.get 147
                                local.get 116
                                local.get 115
                                f32x4.relaxed_madd
                                local.set 148
                                local.get 148
                                local.get 115
                                f32x4.sub
                                local.set 149
                                local.get 149
                                local.get 119
                                local.get 147
                                f32x4.relaxed_nmadd
                                local.set 150
                                local.get 121
                                local.get 150
                                local.get 122
                                f32x4.relaxed_madd
                                local.get 150
                                local.get 123
                                f32x4.relaxed_madd
                                local.get 150
                                local.get 124
                                f32x4.relaxed_madd
                                local.get 150
                                local.get 125
                                f32x4.relaxed_madd
                                local.get 150
                                local.get 126
                                f32x4.relaxed_madd
                                local.get 148
                                i32.const 23
                                i32x4.shl
                                i32x4.add
                                local.get 147
                                local.get 127
                                f32x4.lt
                                v128.andnot
                                local.set 151
                                local.get 136
                                local.get 151
                                f32x4.add
                                local.set 136
                                local.get 138
                                local.get 151
                                v128.store offset=16
                                local.get 137
                                i32.const 32
                                i32.add
                                local.set 137
                                local.get 137
                                local.get 139
                                i32.lt_s
                                br_if 0
                              end
                            end
                            local.get 41
                            local.get 93
                            i32.const 4
                            i32.shl
                            i32.add
                            local.set 152
                            local.get 152
                            local.get 152
                            v128.load
                            local.get 135
                            local.get 136
                            f32x4.add
                            f32x4.add
                            v128.store
                            local.get 92
                            i32.const 1
                            i32.add
                            local.set 92
                            local.get 92
                            local.get 8
                            i32.lt_s
                            br_if 0
                          end
                        end
                      else
                        i32.const 0
                        local.set 153
                        local.get 153
                        local.get 8
                        i32.lt_s
                        if
                          loop
                            local.get 7
                            local.get 153
                            i32.add
                            local.set 154
                            local.get 30
                            local.get 153
                            i32.const 608
                            i32.mul
                            i32.add
                            local.set 155
                            local.get 154
                            i32.const 2
                            i32.shl
                            local.set 156
                            local.get 9
                            i32.const 2
                            i32.shl
                            local.set 157
                            local.get 78
                            i32x4.splat
                            local.set 158
                            v128.const f32x4 0 0 0 0
                            local.set 159
                            local.get 39
                            local.get 154
                            i32.const 2
                            i32.shl
                            i32.add
                            local.set 160
                            local.get 160
                            f32.load
                            local.set 161
                            local.get 99
                            local.set 162
                            local.get 99
                            local.set 163
                            local.get 9
                            local.get 11
                            i32.const 3
                            i32.shl
                            i32.add
                            i32x4.splat
                            v128.const i32x4 0 1 2 3
                            i32x4.add
                            local.set 166
                            local.get 12
                            i32.const 32
                            i32.mul
                            local.set 167
                            local.get 11
                            i32.const 32
                            i32.mul
                            local.set 164
                            local.get 164
                            local.get 167
                            i32.lt_s
                            if
                              loop
                                local.get 155
                                local.get 164
                                i32.add
                                local.set 165
                                local.get 166
                                local.get 159
                                i32x4.ge_s
                                local.get 166
                                local.get 158
                                i32x4.lt_s
                                v128.and
                                local.set 168
                                local.get 165
                                v128.load
                                local.set 169
                                local.get 169
                                local.get 56
                                f32x4.mul
                                local.set 170
                                local.get 170
                                local.get 171
                                f32x4.pmax
                                local.get 99
                                local.get 168
                                v128.bitselect
                                local.set 172
                                local.get 165
                                local.get 172
                                v128.store
                                local.get 162
                                local.get 172
                                f32x4.pmax
                                local.set 162
                                local.get 166
                                v128.const i32x4 4 4 4 4
                                i32x4.add
                                local.set 166
                                local.get 166
                                local.get 159
                                i32x4.ge_s
                                local.get 166
                                local.get 158
                                i32x4.lt_s
                                v128.and
                                local.set 173
                                local.get 165
                                v128.load offset=16
                                local.set 174
                                local.get 174
                                local.get 56
                                f32x4.mul
                                local.set 175
                                local.get 175
                                local.get 171
                                f32x4.pmax
                                local.get 99
                                local.get 173
                                v128.bitselect
                                local.set 176
                                local.get 165
                                local.get 176
                                v128.store offset=16
                                local.get 163
                                local.get 176
                                f32x4.pmax
                                local.set 163
                                local.get 166
                                v128.const i32x4 4 4 4 4
                                i32x4.add
                                local.set 166
                                local.get 164
                                i32.const 32
                                i32.add
                                local.set 164
                                local.get 164
                                local.get 167
                                i32.lt_s
                                br_if 0
                              end
                            end
                            local.get 162
                            local.get 163
                            f32x4.pmax
                            local.set 177
                            local.get 177
                            local.get 177
                            local.get 177
                            i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
                            f32x4.pmax
                            local.set 178
                            local.get 178
                            local.get 178
                            local.get 178
                            i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11
                            f32x4.pmax
                            f32x4.extract_lane 0
                            local.set 179
                            local.get 179
                            local.get 161
                            f32.gt
                            if
                              local.get 160
                              local.get 179
                              f32.store
                              local.get 161
                              f32.const -inf
                              f32.gt
                              if
                                local.get 161
                                local.get 179
                                f32.sub
                                f32x4.splat
                                local.set 180
                                local.get 180
                                local.get 116
                                local.get 115
                                f32x4.relaxed_madd
                                local.set 181
                                local.get 181
                                local.get 115
                                f32x4.sub
                                local.set 182
                                local.get 182
                                local.get 119
                                local.get 180
                                f32x4.relaxed_nmadd
                                local.set 183
                                local.get 121
                                local.get 183
                                local.get 122
                                f32x4.relaxed_madd
                                local.get 183
                                local.get 123
                                f32x4.relaxed_madd
                                local.get 183
                                local.get 124
                                f32x4.relaxed_madd
                                local.get 183
                                local.get 125
                                f32x4.relaxed_madd
                                local.get 183
                                local.get 126
                                f32x4.relaxed_madd
                                local.get 181
                                i32.const 23
                                i32x4.shl
                                i32x4.add
                                local.get 180
                                local.get 127
                                f32x4.lt
                                v128.andnot
                                local.set 184
                                local.get 41
                                local.get 154
                                i32.const 4
                                i32.shl
                                i32.add
                                local.set 185
                                local.get 185
                                local.get 185
                                v128.load
                                local.get 184
                                f32x4.mul
                                v128.store
                                local.get 36
                                local.get 154
                                local.get 37
                                i32.mul
                                i32.add
                                local.set 186
                                local.get 186
                                local.set 187
                                local.get 186
                                local.set 188
                                local.get 37
                                i32.const 2
                                i32.shr_u
                                local.set 189
                                local.get 189
                                i32.const 4
                                i32.ge_s
                                if
                                  loop
                                    local.get 187
                                    local.get 188
                                    v128.load
                                    local.get 184
                                    f32x4.mul
                                    v128.store
                                    local.get 187
                                    i32.const 16
                                    i32.add
                                    local.set 187
                                    local.get 188
                                    i32.const 16
                                    i32.add
                                    local.set 188
                                    local.get 189
                                    i32.const 4
                                    i32.sub
                                    local.set 189
                                    local.get 189
                                    i32.const 4
                                    i32.ge_s
                                    br_if 0
                                  end
                                end
                                local.get 189
                                i32.const 0
                                i32.gt_s
                                if
                                  loop
                                    local.get 187
                                    local.get 188
                                    f32.load
                                    local.get 184
                                    f32x4.extract_lane 0
                                    f32.mul
                                    f32.store
                                    local.get 187
                                    i32.const 4
                                    i32.add
                                    local.set 187
                                    local.get 188
                                    i32.const 4
                                    i32.add
                                    local.set 188
                                    local.get 189
                                    i32.const 1
                                    i32.sub
                                    local.set 189
                                    local.get 189
                                    i32.const 0
                                    i32.gt_s
                                    br_if 0
                                  end
                                end
                              end
                              local.get 179
                              local.set 161
                            end
                            f32.const 0
                            local.get 161
                            local.get 161
                            f32.const -inf
                            f32.eq
                            select
                            f32x4.splat
                            local.set 190
                            local.get 51
                            local.set 191
                            local.get 51
                            local.set 192
                            local.get 9
                            local.get 11
                            i32.const 3
                            i32.shl
                            i32.add
                            i32x4.splat
                            v128.const i32x4 0 1 2 3
                            i32x4.add
                            local.set 195
                            local.get 12
                            i32.const 32
                            i32.mul
                            local.set 196
                            local.get 11
                            i32.const 32
                            i32.mul
                            local.set 193
                            local.get 193
                            local.get 196
                            i32.lt_s
                            if
                              loop
                                local.get 155
                                local.get 193
                                i32.add
                                local.set 194
                                local.get 195
                                local.get 159
                                i32x4.ge_s
                                local.get 195
                                local.get 158
                                i32x4.lt_s
                                v128.and
                                local.set 197
                                local.get 194
                                v128.load
                                local.set 198
                                local.get 198
                                local.get 190
                                f32x4.sub
                                local.set 199
                                local.get 199
                                local.get 116
                                local.get 115
                                f32x4.relaxed_madd
                                local.set 200
                                local.get 200
                                local.get 115
                                f32x4.sub
                                local.set 201
                                local.get 201
                                local.get 119
                                local.get 199
                                f32x4.relaxed_nmadd
                                local.set 202
                                local.get 121
                                local.get 202
                                local.get 122
                                f32x4.relaxed_madd
                                local.get 202
                                local.get 123
                                f32x4.relaxed_madd
                                local.get 202
                                local.get 124
                                f32x4.relaxed_madd
                                local.get 202
                                local.get 125
                                f32x4.relaxed_madd
                                local.get 202
                                local.get 126
                                f32x4.relaxed_madd
                                local.get 200
                                i32.const 23
                                i32x4.shl
                                i32x4.add
                                local.get 199
                                local.get 127
                                f32x4.lt
                                v128.andnot
                                local.set 203
                                local.get 191
                                local.get 203
                                f32x4.add
                                local.set 191
                                local.get 194
                                local.get 203
                                v128.store
                                local.get 195
                                v128.const i32x4 4 4 4 4
                                i32x4.add
                                local.set 195
                                local.get 195
                                local.get 159
                                i32x4.ge_s
                                local.get 195
                                local.get 158
                                i32x4.lt_s
                                v128.and
                                local.set 204
                                local.get 194
                                v128.load offset=16
                                local.set 205
                                local.get 205
                                local.get 190
                                f32x4.sub
                                local.set 206
                                local.get 206
                                local.get 116
                                local.get 115
                                f32x4.relaxed_madd
                                local.set 207
                                local.get 207
                                local.get 115
                                f32x4.sub
                                local.set 208
                                local.get 208
                                local.get 119
                                local.get 206
                                f32x4.relaxed_nmadd
                                local.set 209
                                local.get 121
                                local.get 209
                                local.get 122
                                f32x4.relaxed_madd
                                local.get 209
                                local.get 123
                                f32x4.relaxed_madd
                                local.get 209
                                local.get 124
                                f32x4.relaxed_madd
                                local.get 209
                                local.get 125
                                f32x4.relaxed_madd
                                local.get 209
                                local.get 126
                                f32x4.relaxed_madd
                                local.get 207
                                i32.const 23
                                i32x4.shl
                                i32x4.add
                                local.get 206
                                local.get 127
                                f32x4.lt
                                v128.andnot
                                local.set 210
                                local.get 192
                                local.get 210
                                f32x4.add
                                local.set 192
                                local.get 194
                                local.get 210
                                v128.store offset=16
                                local.get 195
                                v128.const i32x4 4 4 4 4
                                i32x4.add
                                local.set 195
                                local.get 193
                                i32.const 32
                                i32.add
                                local.set 193
                                local.get 193
                                local.get 196
                                i32.lt_s
                                br_if 0
                              end
                            end
                            local.get 41
                            local.get 154
                            i32.const 4
                            i32.shl
                            i32.add
                            local.set 211
                            local.get 211
                            local.get 211
                            v128.load
                            local.get 191
                            local.get 192
                            f32x4.add
                            f32x4.add
                            v128.store
                            local.get 153
                            i32.const 1
                            i32.add
                            local.set 153
                            local.get 153
                            local.get 8
                            i32.lt_s
                            br_if 0
                          end
                        end
                      end
                      local.get 11
                      i32.const 3
                      i32.shl
                      local.set 212
                      local.get 12
                      i32.const 3
                      i32.shl
                      local.set 213
                      local.get 10
                      local.get 213
                      local.get 213
                      local.get 10
                      i32.gt_s
                      select
                      local.set 213
                      local.get 82
                      i32.const 32
                      local.get 33
                      select
                      local.set 214
                      local.get 30
                      i32.const 0
                      i32.add
                      local.get 11
                      i32.const 32
                      i32.mul
                      i32.add
                      local.get 8
                      local.get 34
                      local.get 214
                      local.get 9
                      i32.mul
                      i32.add
                      local.get 32
                      local.get 33
                      select
                      local.get 212
                      local.get 214
                      i32.mul
                      i32.add
                      local.get 214
                      i32.const 32
                      i32.const 4608
                      local.get 33
                      select
                      local.get 84
                      i32.const 7
                      i32.add
                      i32.const 3
                      i32.shr_u
                      local.get 213
                      local.get 212
                      i32.sub
                      local.get 36
                      local.get 7
                      local.get 37
                      i32.mul
                      i32.add
                      local.get 37
                      call 10
                    end
                    local.get 7
                    i32.const 24
                    i32.add
                    local.set 7
                    local.get 7
                    local.get 6
                    i32.lt_s
                    br_if 0
                  end
                end
                local.get 9
                i32.const 144
                i32.add
                local.set 9
                local.get 9
                local.get 79
                i32.lt_s
                br_if 0
              end
            end
            i32.const 0
            local.set 215
            local.get 215
            local.get 6
            i32.lt_s
            if
              loop
                local.get 5
                local.get 215
                i32.add
                local.set 216
                local.get 39
                local.get 215
                i32.const 2
                i32.shl
                i32.add
                f32.load
                f64.promote_f32
                local.set 217
                local.get 41
                local.get 215
                i32.const 4
                i32.shl
                i32.add
                v128.load
                local.set 218
                local.get 218
                f32x4.extract_lane 0
                f64.promote_f32
                local.get 218
                f32x4.extract_lane 1
                f64.promote_f32
                f64.add
                local.get 218
                f32x4.extract_lane 2
                f64.promote_f32
                f64.add
                local.get 218
                f32x4.extract_lane 3
                f64.promote_f32
                f64.add
                local.set 219
                local.get 217
                f64.const -3.4028234663852886e+38
                f64.le
                local.set 220
                local.get 42
                local.get 220
                f64.convert_i32_s
                f64.add
                local.set 42
                local.get 217
                f64.const -3.4028234663852886e+38
                f64.eq
                if
                  local.get 3
                  i32.const 1
                  i32.store offset=4
                end
                local.get 217
                f64.const inf
                f64.eq
                local.get 219
                local.get 219
                f64.ne
                i32.or
                if
                  local.get 3
                  i32.const 1
                  i32.store
                  local.get 3
                  local.get 217
                  f64.const nan
                  local.get 217
                  f64.const inf
                  f64.eq
                  select
                  f64.store offset=24
                end
                local.get 219
                f32.demote_f64
                f32x4.splat
                local.set 221
                local.get 221
                local.get 222
                f32x4.lt
                local.set 223
                local.get 221
                local.get 224
                f32x4.mul
                local.get 221
                local.get 223
                v128.bitselect
                local.set 225
                local.get 225
                v128.const f32x4 0.75 0.75 0.75 0.75
                i32x4.sub
                i32.const 23
                i32x4.shr_s
                local.set 226
                local.get 226
                f32x4.convert_i32x4_s
                local.get 223
                local.get 227
                v128.and
                f32x4.sub
                local.set 228
                local.get 225
                local.get 226
                i32.const 23
                i32x4.shl
                i32x4.sub
                local.get 126
                f32x4.sub
                local.set 229
                local.get 229
                local.get 229
                f32x4.mul
                local.set 230
                local.get 244
                local.get 53
                local.get 245
                i32.mul
                i32.add
                local.get 54
                local.get 246
                i32.mul
                i32.add
                local.get 216
                local.get 247
                i32.mul
                i32.add
                f64.const -inf
                local.get 217
                local.get 99
                local.get 221
                local.get 228
                local.get 241
                f32x4.mul
                local.get 229
                local.get 228
                local.get 240
                local.get 230
                local.get 239
                local.get 230
                local.get 229
                f32x4.mul
                local.get 231
                local.get 229
                local.get 232
                f32x4.relaxed_madd
                local.get 229
                local.get 233
                f32x4.relaxed_madd
                local.get 229
                local.get 234
                f32x4.relaxed_madd
                local.get 229
                local.get 235
                f32x4.relaxed_madd
                local.get 229
                local.get 236
                f32x4.relaxed_madd
                local.get 229
                local.get 237
                f32x4.relaxed_madd
                local.get 229
                local.get 238
                f32x4.relaxed_madd
                f32x4.mul
                f32x4.relaxed_madd
                f32x4.relaxed_madd
                f32x4.add
                f32x4.add
                local.get 221
                local.get 242
                f32x4.eq
                v128.bitselect
                local.get 221
                local.get 51
                f32x4.eq
                v128.bitselect
                local.get 243
                local.get 221
                local.get 51
                f32x4.ge
                v128.bitselect
                f32x4.extract_lane 0
                f64.promote_f32
                f64.add
                local.get 220
                select
                f32.demote_f64
                f32.store
                f64.const 0
                f64.const 1
                local.get 219
                f64.div
                local.get 220
                select
                local.set 248
                local.get 248
                f32.demote_f64
                f32x4.splat
                local.set 249
                local.get 250
                local.get 53
                local.get 251
                i32.mul
                i32.add
                local.get 54
                local.get 252
                i32.mul
                i32.add
                local.get 216
                local.get 253
                i32.mul
                i32.add
                local.set 254
                local.get 36
                local.get 215
                local.get 37
                i32.mul
                i32.add
                local.set 255
                local.get 84
                local.set 256
                local.get 256
                i32.const 4
                i32.ge_s
                if
                  loop
                    local.get 254
                    local.get 255
                    v128.load
                    local.get 249
                    f32x4.mul
                    v128.store
                    local.get 254
                    i32.const 16
                    i32.add
                    local.set 254
                    local.get 255
                    i32.const 16
                    i32.add
                    local.set 255
                    local.get 256
                    i32.const 4
                    i32.sub
                    local.set 256
                    local.get 256
                    i32.const 4
                    i32.ge_s
                    br_if 0
                  end
                end
                local.get 256
                i32.const 0
                i32.gt_s
                if
                  loop
                    local.get 254
                    local.get 255
                    f32.load
                    local.get 249
                    f32x4.extract_lane 0
                    f32.mul
                    f32.store
                    local.get 254
                    i32.const 4
                    i32.add
                    local.set 254
                    local.get 255
                    i32.const 4
                    i32.add
                    local.set 255
                    local.get 256
                    i32.const 1
                    i32.sub
                    local.set 256
                    local.get 256
                    i32.const 0
                    i32.gt_s
                    br_if 0
                  end
                end
                local.get 215
                i32.const 1
                i32.add
                local.set 215
                local.get 215
                local.get 6
                i32.lt_s
                br_if 0
              end
            end
          end
          local.get 49
          i32.const 1
          i32.add
          local.set 49
          local.get 49
          local.get 50
          i32.lt_s
          br_if 0
        end
      end
      local.get 3
      local.get 3
      f64.load offset=16
      local.get 42
      f64.add
      f64.store offset=16
      local.get 3
      local.get 3
      f64.load offset=8
      local.get 13
      local.get 14
      i32x4.extract_lane 0
      f64.convert_i32_s
      f64.add
      local.get 14
      i32x4.extract_lane 1
      f64.convert_i32_s
      f64.add
      local.get 14
      i32x4.extract_lane 2
      f64.convert_i32_s
      f64.add
      local.get 14
      i32x4.extract_lane 3
      f64.convert_i32_s
      f64.add
      f64.add
      f64.store offset=8
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
