/// Screens wider than a line of this project; see `Pictures`.
extension Pictures {
  static let main120 = """
     aostop  PROD  via LB1  [RW]  live                                     registry sqlite ok  seats 7/unlimited  10:42 UTC
     servers 3/8 accepting   sessions 232   list 217/440 ██████████░░░░░░░░░░ 49 %                handshakes 90,412   4.2/s
    ─ ▸1 Instances: 9 ───────────────────────────────────────────────────────────────  ─ 2 Handshake list: 5 servers ───────
      INSTANCE▲ ROLE      STATE               SESSIONS LOAD           RES LAST 5 MIN     # INSTANCE LOAD                RES
    ▸ AOS01     app       accepting             41/60  █████░░  68 %       ▆▇▆▇▆▇▇▇▇▇    1 AOS03    ██░░░░░░░░░░  20 %   +2
      AOS02     app       full                  60/60  ███████ 100 %       ██████████    2 AOS04    ███░░░░░░░░░  22 %   +1
      AOS03     app+batch accepting             37/200 █░░░░░░  20 %   +2  ▃▃▃▃▃▃▃▃▃▃    3 AOS01    ████████░░░░  68 %
      AOS04     app       accepting             12/60  ██░░░░░  22 %   +1  ▃▃▃▃▃▃▃▃▃▃    4 AOS02    ████████████ 100 %
      AOS05     app       draining (12 left)    12/60  █░░░░░░  20 %       ▃▃▃▃▃▂▃▃▃▃    5 AOS06    ███████████▶ 112 %
      AOS06     app       full                  67/60  ██████▶ 112 %       ██████████  ─ not in the list ───────────────────
      AOS07     app       unreachable            0/60  ░░░░░░░   0 %                ▁      AOS05    rejecting new clients
      AOS10     batch     unlicensed             3/30  █░░░░░░  10 %       ▂▂▂▂▂▂▂▂▂▂      AOS07    unreachable
      LB1       balancer  balancing              0/0               —                       AOS10    no license
                                                                                           LB1      dedicated load balancer


    ─ 3 Last actions ───────────────────────────────────────────────────────────────────────────────────────────────────────
     10:00:07  alice  drain        AOS05     draining, 44 left (patching the kernel)
     08:12:07  bob    limit        AOS06     maximum is 60
     08:11:07  bob    limit        AOS03     maximum is 200
     06:42:07  AOS10  join         AOS10     joined
     06:42:02  AOS07  join         AOS07     joined

















     D  Drain  E  Enable  X  Remove  A  Add  Tab  Pane  Enter  Details  ?  Help  /  Filter  p  Problems  Space  Tag  q  Quit
    """

  static let main200 = """
     aostop  PROD  via LB1  [RW]  live                                                                                                                     registry sqlite ok  seats 7/unlimited  10:42 UTC
     servers 3/8 accepting   sessions 232   list 217/440 ██████████░░░░░░░░░░ 49 %                                                                                                handshakes 90,412   4.2/s
    ─ ▸1 Instances: 9 ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      INSTANCE▲ ROLE      STATE               SESSIONS LOAD          RES LAST 5 MIN HEALTH                              LICENSE               ADMISSION                             ADDRESS         VERSION
    ▸ AOS01     app       accepting             41/60  ████░░  68 %      ▆▇▆▇▆▇▇▇▇▇ alive 2d4h                          seat 1                accepting                             10.0.0.1:2712   0.1.0
      AOS02     app       full                  60/60  ██████ 100 %      ██████████ alive 2d4h                          seat 2                accepting                             10.0.0.2:2712   0.1.0
      AOS03     app+batch accepting             37/200 █░░░░░  20 %   +2 ▃▃▃▃▃▃▃▃▃▃ alive 2d4h                          seat 3                accepting                             10.0.0.3:2712   0.1.0
      AOS04     app       accepting             12/60  █░░░░░  22 %   +1 ▃▃▃▃▃▃▃▃▃▃ alive 2d4h                          seat 4                accepting                             10.0.0.4:2712   0.1.0
      AOS05     app       draining (12 left)    12/60  █░░░░░  20 %      ▃▃▃▃▃▂▃▃▃▃ alive 2d4h                          seat 5                rejecting, alice: patching the kernel 10.0.0.5:2712   0.1.0
      AOS06     app       full                  67/60  █████▶ 112 %      ██████████ alive 2d4h                          seat 6                accepting                             10.0.0.6:2712   0.1.0
      AOS07     app       unreachable            0/60  ░░░░░░   0 %               ▁ unreachable 1m: connection refused  seat 7                accepting                             10.0.0.7:2712   0.1.0
      AOS10     batch     unlicensed             3/30  █░░░░░  10 %      ▂▂▂▂▂▂▂▂▂▂ alive 2d4h                          none: no seat is free accepting                             10.0.0.10:2712  0.1.0
      LB1       balancer  balancing              0/0              —                 alive 2d4h                          not needed            accepting                             10.0.0.100:2712 0.1.0

    ─ 2 Handshake list: 5 servers ──────────────────  ─ 3 Last actions ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
      # INSTANCE LOAD                RES               10:00:07  alice  drain        AOS05     draining, 44 left (patching the kernel)
      1 AOS03    ██░░░░░░░░░░  20 %   +2               08:12:07  bob    limit        AOS06     maximum is 60
      2 AOS04    ███░░░░░░░░░  22 %   +1               08:11:07  bob    limit        AOS03     maximum is 200
      3 AOS01    ████████░░░░  68 %                    06:42:07  AOS10  join         AOS10     joined
      4 AOS02    ████████████ 100 %                    06:42:02  AOS07  join         AOS07     joined
      5 AOS06    ███████████▶ 112 %
    ─ not in the list ──────────────────────────────
        AOS05    rejecting new clients
        AOS07    unreachable
        AOS10    no license
        LB1      dedicated load balancer

































     D  Drain  E  Enable  X  Remove  M  Maximum  A  Add  Tab  Pane  Enter  Details  z  Pause  ?  Help  /  Filter  p  Problems  Space  Tag  q  Quit
    """

  static let once = """
    PROD via LB1  2026-03-01 10:42:07 UTC  registry sqlite available  seats 7/unlimited
    servers 3/8 accepting  sessions 232  list 217/440 (49 %)  handshakes 90,412, 4.2/s

    INSTANCE  ROLE       STATE               SESSIONS   LOAD  RES  HEALTH                              LICENSE                ADMISSION                              ADDRESS          VERSION
    AOS06     app        full                  67/60   112 %       alive 2d4h                          seat 6                 accepting                              10.0.0.6:2712    0.1.0
    AOS02     app        full                  60/60   100 %       alive 2d4h                          seat 2                 accepting                              10.0.0.2:2712    0.1.0
    AOS01     app        accepting             41/60    68 %       alive 2d4h                          seat 1                 accepting                              10.0.0.1:2712    0.1.0
    AOS04     app        accepting             12/60    22 %   +1  alive 2d4h                          seat 4                 accepting                              10.0.0.4:2712    0.1.0
    AOS05     app        draining (12 left)    12/60    20 %       alive 2d4h                          seat 5                 rejecting, alice: patching the kernel  10.0.0.5:2712    0.1.0
    AOS03     app+batch  accepting             37/200   20 %   +2  alive 2d4h                          seat 3                 accepting                              10.0.0.3:2712    0.1.0
    AOS10     batch      unlicensed             3/30    10 %       alive 2d4h                          none: no seat is free  accepting                              10.0.0.10:2712   0.1.0
    AOS07     app        unreachable            0/60     0 %       unreachable 1m: connection refused  seat 7                 accepting                              10.0.0.7:2712    0.1.0
    LB1       balancer   balancing              0/0        -       alive 2d4h                          not needed             accepting                              10.0.0.100:2712  0.1.0

    Handshake list: 5 servers
       1 AOS03   20 %  +2 reserved
       2 AOS04   22 %  +1 reserved
       3 AOS01   68 %
       4 AOS02  100 %
       5 AOS06  112 %

    Not in the list:
         AOS05  rejecting new clients
         AOS07  unreachable
         AOS10  no license
         LB1    dedicated load balancer

    """
}
