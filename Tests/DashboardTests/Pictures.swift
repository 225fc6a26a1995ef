/// Screens as they must look, cell by cell; spaces at the end of a line left out.
///
/// A change of a picture is a change of the product: rewrite one only when it looks better.
enum Pictures {
  static let main80 = """
     aostop  PROD  via LB1  [RW]  live  4 ALERTS             registry ok  10:42 UTC
     servers 3/8  sessions 232  list 217+3/440 ██░░ 50 %   handshakes 90,412  4.2/s
    ─ ▸1 Instances: 9 ──────────────────────────────────────────────────────────────
      INSTANCE▲ ROLE      STATE               SESSIONS LOAD       DRAIN
    ▸ AOS01     app       accepting             41/60  ███░  68 %
      AOS02     app       full                  60/60  ████ 100 %
      AOS03     app+batch accepting             37/200 █░░░  20 %
      AOS04     app       accepting             12/60  █░░░  22 %
      AOS05     app       draining 12/44        12/60  █░░░  20 % 0.0/min 42m
      AOS06     app       full                  67/60  ███▶ 112 %
      AOS07     app       unreachable            0/60  ░░░░   0 %
      AOS10     batch     unlicensed             3/30  █░░░  10 %
      LB1       balancer  balancing               —             —
    ─ 2 Handshake list: 5 servers ──────────────────────────────────────────────────
     1 AOS03 20 % +2  2 AOS04 22 % +1  3 AOS01 68 %  4 AOS02 100 %  5 AOS06 112 %
     out: AOS05 rejecting new clients  AOS07 unreachable  AOS10 no license
     LB1 dedicated load balancer
    ─ 3 Last actions ───────────────────────────────────────────────────────────────
     10:00:07  alice  drain        AOS05     draining, 44 left (patching the kerne…
     08:12:07  bob    maximum      AOS06     maximum is 60
     08:11:07  bob    maximum      AOS03     maximum is 200
     06:42:07  AOS10  join         AOS10     joined                               ▼

     a  Alerts  D  Drain  E  Enable  Enter  Details  ?  Help  /  Filter  q  Quit
    """

  static let main40 = """
     PROD  [RW]  live  4 ALERTS   10:42 UTC
     servers 3/8  list 217+3/440 ██░░ 50 %
    ─ ▸1 Instances: 9 ────── rows 1-4 of 9 ─
      INSTANCE▲ STATE               SESSIONS
    ▸ AOS01     accepting             41/60
      AOS02     full                  60/60
      AOS03     accepting             37/200
      AOS04     accepting             12/60

     a  Alerts  D  Drain  ?  Help  q  Quit
    """

  static let drain = """
     aostop  PROD  via LB1  [RW]  live  4 ALERTS             registry ok  10:42 UTC
     servers 3/8  sessions 232  list 217+3/440 ██░░ 50 %   handshakes 90,412  4.2/s
    ─ ▸1 Instances: 9 ──────────────────────────────────────────────────────────────
      INSTANCE▲ ROLE      STATE               SESSIONS LOAD       DRAIN
    ┌─ Drain AOS03 ────────────────────────────────────────────────────────────────┐
    │ Drain AOS03 (37/200 sessions)? No new clients; nobody is thrown out.         │
    │ 4 of 5 servers stay in the list; sessions fill 61 % → 74 % of it.            │
    │ overCapacity: the sessions would not fit on the servers that remain          │
    │                                                                              │
    │  Message      [none; words for the users                                   ] │
    │  Deadline     [none; 30m, or 22:30 in UTC                                  ] │
    │  Idle limit   [none; such as 10m                                           ] │
    │  [ ] until the instance restarts                                             │
    │  Reason       [none; words for the log                                     ] │
    │  Type "AOS03" [                                                            ] │
    │                                                                              │
    │                            [▸Cancel◂]   [ Drain ]                            │
    └──────────────────────────────────────────────────────────────────────────────┘
     10:00:07  alice  drain        AOS05     draining, 44 left (patching the kerne…
     08:12:07  bob    maximum      AOS06     maximum is 60
     08:11:07  bob    maximum      AOS03     maximum is 200
     06:42:07  AOS10  join         AOS10     joined                               ▼

     Tab  Next  Enter  Take  y  Yes  n  No  Esc  Cancel
    """

  static let list = """
     aostop  PROD  via LB1  [RW]  live  4 ALERTS             registry ok  10:42 UTC
     servers 3/8  sessions 232  list 217+3/440 ██░░ 50 %   handshakes 90,412  4.2/s
    ─ 1 Instances: 9 ─────────────────────────────────────────────── rows 1-3 of 9 ─
      INSTANCE▲ ROLE      STATE               SESSIONS LOAD       DRAIN
    ▸ AOS01     app       accepting             41/60  ███░  68 %
      AOS02     app       full                  60/60  ████ 100 %
      AOS03     app+batch accepting             37/200 █░░░  20 %
    ─ ▸2 Handshake list: 5 servers ─────────────────────────────────────────────────
       #  INSTANCE LOAD                RES NEXT
       1  AOS03    ██░░░░░░░░░░  20 %   +2    8
       2  AOS04    ███░░░░░░░░░  22 %   +1    2
    ▸  3  AOS01    ████████░░░░  68 %
       4  AOS02    ████████████ 100 %
       5  AOS06    ███████████▶ 112 %
    ─ not in the list ──────────────────────────────────────────────────────────────
          AOS05    rejecting new clients
          AOS07    unreachable
          AOS10    no license
          LB1      dedicated load balancer
    ─ 3 Last actions ───────────────────────────────────────────────────────────────
     10:00:07  alice  drain        AOS05     draining, 44 left (patching the kerne…
     08:12:07  bob    maximum      AOS06     maximum is 60                        ▼

     a  Alerts  D  Drain  E  Enable  Enter  Details  ?  Help  /  Filter  q  Quit
    """

  static let stale = """
     aostop  PROD  via LB1  [RO]  STALE 2s  4 ALERTS         registry ok  10:42 UTC
     servers 3/8  sessions 232  list 217+3/440 ██░░ 50 %   handshakes 90,412  4.2/s
     STALE for 2s: connection refused; next try in 3 s, r = now
    ─ ▸1 Instances: 9 ──────────────────── shown 5 of 9 ─ problems only ─ 2 tagged ─
      INSTANCE▲ ROLE      STATE               SESSIONS LOAD       DRAIN
     *AOS02     app       full                  60/60  ████ 100 %
      AOS05     app       draining 12/44        12/60  █░░░  20 % by 10:57 0.8/m 42m
    ▸ AOS06     app       full                  67/60  ███▶ 112 %
      AOS07     app       unreachable            0/60  ░░░░   0 %
      AOS10     batch     unlicensed             3/30  █░░░  10 %
    ─ 2 Handshake list: 5 servers ──────────────────────────────────────────────────
     1 AOS03 20 % +2  2 AOS04 22 % +1  3 AOS01 68 %  4 AOS02 100 %  5 AOS06 112 %
     out: AOS05 rejecting new clients  AOS07 unreachable  AOS10 no license
     LB1 dedicated load balancer
    ─ 3 Last actions ───────────────────────────────────────────────────────────────
     10:00:07  alice  drain        AOS05     draining, 44 left (patching the kerne…
     08:12:07  bob    maximum      AOS06     maximum is 60
     08:11:07  bob    maximum      AOS03     maximum is 200
     06:42:07  AOS10  join         AOS10     joined
     06:42:02  AOS07  join         AOS07     joined



     r  Reconnect  a  Alerts  Enter  Details  ?  Help  /  Filter  q  Quit
    """

  static let drain40 = """
    ┌─ Drain AOS01 ────────────────────────┐
    │ Drain AOS01 (41/60 sessions)?        │
    │ lastServer: no server would take     │
    │ clients any more                     │
    │ 4 of 5 servers stay in the list;    ▼│
    │  Message      [none; words for the…] │
    │  Type "AOS01" [                    ] │
    │        [▸Cancel◂]   [ Drain ]        │
    └──────────────────────────────────────┘
     PgDn  More  y  Yes  n  No  Esc  Cancel
    """

  static let detail = """
     aostop  PROD  via LB1  [RW]  live  4 ALERTS             registry ok  10:42 UTC
     servers 3/8  sessions 232  list 217+3/440 ██░░ 50 %   handshakes 90,412  4.2/s
    ─ Instance AOS05 ─────────────────────────────────────────────── Esc goes back ─
      State           draining (12 left)
      Handshake list  left out: rejecting new clients
      Sessions        12 open, 60 allowed
      Load            ████░░░░░░░░░░░░░░░░ 20 %
      Last hour        100 %│
                            │
                        50 %│
                            │                                                    ⢰
                         0 %└─────────────────────────────────────────────────────
                             -60m                     -30m                     now
      Maximum         its own
      Admission       rejecting, since 2026-03-01 10:00:07 UTC (42m), by alice
      Reason          patching the kernel
      Delivered       yes: the instance obeys the newest wish
      Drain           12 of 44 left after 42m, 0.8 leave a minute, end expected at
                      10:57 UTC
      Drain began     2026-03-01 10:00:07 UTC (42m)
      Health          alive, since 2026-02-27 06:42:07 UTC (2d4h)
      License         seat 5 of unlimited                                        ▼

     Esc  Back  ↑↓  Scroll  4  Sessions  a  Alerts  D  Drain  E  Enable  q  Quit
    """

  static let waiting = """
     aostop  [RO]  no connection










                          No balancer answers: no such socket
                             Next try in 3 s (r tries now)










     r  Reconnect  Tab  Pane  ?  Help  q  Quit
    """
}
