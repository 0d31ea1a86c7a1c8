;; projected: products of matrices
(func $step0.0 (param i32 i32 i32 i32)
  (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
  local.get 0
  i32.load
  local.set 11
  local.get 0
  i32.load offset=4
  local.set 12
  local.get 0
  i32.load offset=8
  local.set 13
  local.get 0
  i32.load offset=12
  local.set 14
  local.get 0
  i32.load offset=16
  local.set 16
  local.get 0
  i32.load offset=20
  local.set 18
  local.get 0
  i32.load offset=24
  local.set 20
  local.get 0
  i32.load offset=28
  local.set 21
  local.get 0
  i32.load offset=32
  local.set 22
  local.get 0
  i32.load offset=36
  local.set 24
  local.get 0
  i32.load offset=40
  local.set 25
  local.get 0
  i32.load offset=44
  local.set 26
  local.get 0
  i32.load offset=48
  local.set 28
  local.get 0
  i32.load offset=52
  local.set 29
  local.get 0
  i32.load offset=56
  local.set 30
  local.get 0
  i32.load offset=60
  local.set 32
  local.get 0
  i32.load offset=64
  local.set 33
  local.get 0
  i32.load offset=68
  local.set 34
  local.get 0
  i32.load offset=72
  local.set 39
  local.get 3
  local.get 39
  i32.add
  local.set 40
  local.get 0
  i32.load offset=76
  local.set 41
  local.get 3
  local.get 41
  i32.add
  local.set 42
  local.get 0
  i32.load offset=80
  local.set 43
  local.get 3
  local.get 43
  i32.add
  local.set 44
  local.get 1
  local.set 4
  local.get 4
  local.get 2
  i32.lt_s
  if
    loop
      local.get 4
      local.set 5
      local.get 11
      local.set 6
      local.get 12
      local.set 7
      local.get 13
      local.set 8
      local.get 5
      local.get 14
      i32.rem_u
      local.set 15
      local.get 5
      local.get 14
      i32.div_u
      local.set 5
      local.get 5
      local.get 16
      i32.rem_u
      local.set 17
      local.get 5
      local.get 16
      i32.div_u
      local.set 5
      local.get 5
      local.get 18
      i32.rem_u
      local.set 19
      local.get 5
      local.get 18
      i32.div_u
      local.set 5
      local.get 6
      local.get 19
      local.get 20
      i32.mul
      i32.add
      local.set 6
      local.get 8
      local.get 19
      local.get 21
      i32.mul
      i32.add
      local.set 8
      local.get 15
      i32.const 144
      i32.mul
      local.set 23
      local.get 24
      local.get 23
      i32.sub
      local.set 10
      i32.const 144
      local.get 10
      local.get 10
      i32.const 144
      i32.gt_s
      select
      local.set 10
      local.get 7
      local.get 23
      local.get 25
      i32.mul
      i32.add
      local.set 7
      local.get 8
      local.get 23
      local.get 26
      i32.mul
      i32.add
      local.set 8
      local.get 17
      local.get 22
      i32.mul
      local.set 27
      local.get 28
      local.get 27
      i32.sub
      local.set 9
      local.get 22
      local.get 9
      local.get 9
      local.get 22
      i32.gt_s
      select
      local.set 9
      local.get 6
      local.get 27
      local.get 29
      i32.mul
      i32.add
      local.set 6
      local.get 8
      local.get 27
      local.get 30
      i32.mul
      i32.add
      local.set 8
      i32.const 1
      local.set 31
      local.get 6
      local.set 35
      local.get 7
      local.set 36
      i32.const 0
      local.set 37
      local.get 37
      local.get 32
      i32.lt_s
      if
        loop
          local.get 32
          local.get 37
          i32.sub
          local.set 38
          i32.const 256
          local.get 38
          local.get 38
          i32.const 256
          i32.gt_s
          select
          local.set 38
          local.get 25
          i32.const 4
          i32.eq
          if
            local.get 36
            local.get 34
            local.get 38
            local.get 10
            i32.const 7
            i32.add
            i32.const 3
            i32.shr_u
            local.get 38
            i32.const 32
            i32.mul
            local.get 40
            i32.const 0
            call 13
          else
            local.get 36
            local.get 25
            local.get 34
            local.get 10
            local.get 38
            local.get 40
            i32.const 0
            call 12
          end
          local.get 35
          local.set 47
          local.get 8
          local.set 49
          i32.const 0
          local.set 45
          local.get 45
          local.get 9
          i32.lt_s
          if
            loop
              local.get 9
              local.get 45
              i32.sub
              local.set 46
              i32.const 48
              local.get 46
              local.get 46
              i32.const 48
              i32.gt_s
              select
              local.set 46
              local.get 47
              local.get 29
              local.get 33
              local.get 46
              local.get 40
              i32.const 0
              local.get 10
              i32.const 7
              i32.add
              i32.const 3
              i32.shr_u
              local.get 38
              local.get 42
              local.get 44
              call 8
              local.get 42
              local.get 46
              i32.const 608
              i32.mul
              i32.add
              local.set 50
              local.get 31
              if
                local.get 42
                local.set 48
                local.get 48
                local.get 50
                i32.lt_s
                if
                  loop
                    local.get 49
                    local.set 51
                    local.get 48
                    local.set 52
                    local.get 10
                    local.set 53
                    local.get 53
                    i32.const 4
                    i32.ge_s
                    if
                      loop
                        local.get 51
                        local.get 52
                        v128.load
                        v128.store
                        local.get 51
                        i32.const 16
                        i32.add
                        local.set 51
                        local.get 52
                        i32.const 16
                        i32.add
                        local.set 52
                        local.get 53
                        i32.const 4
                        i32.sub
                        local.set 53
                        local.get 53
                        i32.const 4
                        i32.ge_s
                        br_if 0
                      end
                    end
                    local.get 53
                    i32.const 0
                    i32.gt_s
                    if
                      loop
                        local.get 51
                        local.get 52
                        f32.load
                        f32.store
                        local.get 51
                        i32.const 4
                        i32.add
                        local.set 51
                        local.get 52
                        i32.const 4
                        i32.add
                        local.set 52
                        local.get 53
                        i32.const 1
                        i32.sub
                        local.set 53
                        local.get 53
                        i32.const 0
                        i32.gt_s
                        br_if 0
                      end
                    end
                    local.get 49
                    local.get 30
                    i32.add
                    local.set 49
                    local.get 48
                    i32.const 608
                    i32.add
                    local.set 48
                    local.get 48
                    local.get 50
                    i32.lt_s
                    br_if 0
                  end
                end
              else
                local.get 42
                local.set 48
                local.get 48
                local.get 50
                i32.lt_s
                if
                  loop
                    local.get 49
                    local.set 54
                    local.get 48
                    local.set 55
                    local.get 10
                    local.set 56
                    local.get 56
                    i32.const 4
                    i32.ge_s
                    if
                      loop
                        local.get 54
                        local.get 54
                        v128.load
                        local.get 55
                        v128.load
                        f32x4.add
                        v128.store
                        local.get 54
                        i32.const 16
                        i32.add
                        local.set 54
                        local.get 55
                        i32.const 16
                        i32.add
                        local.set 55
                        local.get 56
                        i32.const 4
                        i32.sub
                        local.set 56
                        local.get 56
                        i32.const 4
                        i32.ge_s
                        br_if 0
                      end
                    end
                    local.get 56
                    i32.const 0
                    i32.gt_s
                    if
                      loop
                        local.get 54
                        local.get 54
                        f32.load
                        local.get 55
                        f32.load
                        f32.add
                        f32.store
                        local.get 54
                        i32.const 4
                        i32.add
                        local.set 54
                        local.get 55
                        i32.const 4
                        i32.add
                        local.set 55
                        local.get 56
                        i32.const 1
                        i32.sub
                        local.set 56
                        local.get 56
                        i32.const 0
                        i32.gt_s
                        br_if 0
                      end
                    end
                    local.get 49
                    local.get 30
                    i32.add
                    local.set 49
                    local.get 48
                    i32.const 608
                    i32.add
                    local.set 48
                    local.get 48
                    local.get 50
                    i32.lt_s
                    br_if 0
                  end
                end
              end
              local.get 47
              local.get 29
              i32.const 48
              i32.mul
              i32.add
              local.set 47
              local.get 45
              i32.const 48
              i32.add
              local.set 45
              local.get 45
              local.get 9
              i32.lt_s
              br_if 0
            end
          end
          i32.const 0
          local.set 31
          local.get 35
          local.get 33
          i32.const 256
          i32.mul
          i32.add
          local.set 35
          local.get 36
          local.get 34
          i32.const 256
          i32.mul
          i32.add
          local.set 36
          local.get 37
          i32.const 256
          i32.add
          local.set 37
          local.get 37
          local.get 32
          i32.lt_s
          br_if 0
        end
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

;; gated: plain loops
(func $step1plain (param i32 i32 i32 i32)
  (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64 f64 i32 i32 i32 i32 i32)
  local.get 0
  i32.load
  local.set 8
  local.get 0
  i32.load offset=4
  local.set 9
  local.get 0
  i32.load offset=8
  local.set 10
  local.get 0
  i32.load offset=12
  local.set 11
  local.get 0
  i32.load offset=16
  local.set 14
  local.get 0
  i32.load offset=20
  local.set 16
  local.get 0
  i32.load offset=24
  local.set 19
  local.get 0
  i32.load offset=28
  local.set 20
  local.get 0
  i32.load offset=32
  local.set 21
  local.get 0
  i32.load offset=36
  local.set 22
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
      local.get 8
      i32.rem_u
      local.set 7
      local.get 5
      local.get 8
      i32.div_u
      local.set 5
      local.get 5
      local.set 6
      local.get 9
      local.get 6
      local.get 10
      i32.mul
      i32.add
      local.get 7
      local.get 11
      i32.mul
      i32.add
      local.set 12
      i32.const 0
      local.set 13
      local.get 14
      local.set 15
      local.get 13
      local.get 15
      i32.lt_s
      if
        loop
          local.get 12
          local.get 13
          local.get 16
          i32.mul
          i32.add
          f32.load
          f64.promote_f32
          call 5
          local.set 17
          f64.const 1
          local.set 18
          local.get 19
          local.get 6
          local.get 20
          i32.mul
          i32.add
          local.get 7
          local.get 21
          i32.mul
          i32.add
          local.get 13
          local.get 22
          i32.mul
          i32.add
          local.set 23
          local.get 23
          local.get 23
          f32.load
          f64.promote_f32
          local.get 18
          local.get 17
          f64.mul
          f64.add
          f32.demote_f64
          f32.store
          local.get 13
          i32.const 1
          i32.add
          local.set 13
          local.get 13
          local.get 15
          i32.lt_s
          br_if 0
        end
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
