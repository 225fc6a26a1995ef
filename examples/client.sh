#!/usr/bin/env bash
# A client of the cluster in curl and jq: finds a server, opens a session there and holds it.
#
#     client.sh "LB1@10.0.0.1:2712;AOS01@10.0.0.2:2713" [USER]
#
# It does what client.py does, and tells more of why. It holds the session until Ctrl-C or
# SIGTERM. For servers with TLS set CURL_CA_BUNDLE to the file of their certificates' signer.
# Exit codes: 0 the client left, 1 wrong usage, 2 no server could be reached or the connection
# was lost, 3 refused, or an operator ended the session.
set -uo pipefail
[ $# -ge 1 ] || { echo "usage: client.sh ENTRY[;ENTRY...] [USER]" >&2; exit 1; }
user=${2:-$(id -un)}
activity_seconds=30
silence_seconds=30 # the server sends a heartbeat every 10 s
# A dead entry must not hold the client up.
curl=(curl --silent --connect-timeout 2)
stream='' reporter=''

# To leave, close the connection. The server then ends the session at once.
close() {
  for process in $stream $reporter; do kill "$process" 2>/dev/null; done
  stream='' reporter=''
}
trap close EXIT
trap 'echo closed; exit 0' INT TERM

# Every answer but 2xx is a problem document (RFC 9457).
complaint() { jq -r '"\(.detail // .title // .type)"' 2>/dev/null || echo "the answer is not JSON"; }

# The body of a request: the client, and the ticket of its handshake.
who() {
  jq -nc --arg user "$user" --arg computer "$(uname -n)" --arg ticket "${1:-}" \
    '{kind: "client", user: $user, computer: $computer}
      + if $ticket == "" then {} else {ticket: $ticket} end'
}

# An operator may end idle sessions, so say that the user works: report URL SESSION SECRET.
# The secret goes through standard input: the command line is open to everybody on this machine.
report() {
  trap 'kill $! 2>/dev/null' EXIT
  while :; do
    echo "header = \"Authorization: Bearer $3\"" |
      "${curl[@]}" --max-time 5 --config - -X POST "$1/v1/sessions/$2/activity" >/dev/null
    sleep "$activity_seconds" &
    wait $!
  done
}

# Opens a session and stays; comes back where the server took none: visit NAME URL TICKET.
# The answer is a stream of events that does not end. The stream is the session.
visit() {
  local line data event='' problem='' session=''
  exec {answer}< <(exec "${curl[@]}" --no-buffer -X POST "$2/v1/sessions" -d "$(who "$3")")
  stream=$!
  while IFS= read -r -t "$silence_seconds" -u "$answer" line || [ -n "$line" ]; do
    line=${line%$'\r'}
    case $line in
      :*) ;; # a heartbeat
      '{'*) problem=$line ;; # no stream of events: a problem document
      event:*) event=${line#event:} event=${event# } ;;
      data:*)
        data=${line#data:}
        case $event in
          open)
            session=$(jq -r .session <<<"$data")
            echo "session $session is open at $1"
            report "$2" "$session" "$(jq -r .secret <<<"$data")" &
            reporter=$!
            ;;
          notice)
            jq -r '"notice: \(.message)"
              + if .endsAt then " (the session ends at \(.endsAt))" else "" end' <<<"$data"
            ;;
          end)
            echo "the session was ended: $(jq -r .reason <<<"$data")"
            exit 3
            ;;
        esac
        ;;
    esac
  done
  [ -z "$session" ] || { echo "the session was lost"; exit 2; }
  close
  echo "    $([ -n "$problem" ] && complaint <<<"$problem" || echo "no answer")"
}

code=2
IFS=';' read -ra entries <<<"$1"
for entry in "${entries[@]}"; do
  address=${entry##*@}
  [[ $address == *:* ]] || address=$address:2712
  echo "asking $address"
  # The handshake: ask a balancer for the servers, smallest load first.
  answer=$("${curl[@]}" --max-time 5 "http://$address/v1/handshake" -d "$(who)") ||
    { echo "  no answer"; continue; }
  code=3
  jq -e .servers <<<"$answer" >/dev/null 2>&1 || { echo "  $(complaint <<<"$answer")"; continue; }
  ticket=$(jq -r '.ticket // ""' <<<"$answer")
  while IFS=$'\t' read -r -u 9 id server tls; do
    [ "$tls" = true ] && url=https://$server || url=http://$server
    echo "  trying $id at $url"
    visit "$id" "$url" "$ticket"
  done 9< <(jq -r '.servers[] | [.id, .address, (.tls // false)] | @tsv' <<<"$answer")
done
exit $code
