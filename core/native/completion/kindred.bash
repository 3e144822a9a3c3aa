# Completion for kindred, and names of services for the families' clients. Sourced by bash-completion, or by hand.

# The names of services in the scan directories that this user may list.
_kindred_services() {
  local place
  if [ -n "${SVDIR-}" ]; then
    set -- "$SVDIR"
  else
    set -- ~/service ~/.service ~/.config/service /etc/service /service /run/service /var/service /etc/perp
  fi
  for place; do
    [ -d "$place" ] && (cd "$place" 2>/dev/null && compgen -d)
  done | sort -u
}

_kindred() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} sub=${COMP_WORDS[1]}
  local families="daemontools encore freedt nosh perp runit s6" options=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "$(kindred --help 2>/dev/null | sed -n 's/^  \([a-z-]*\) .*/\1/p') --help" -- "$cur"))
    return
  fi
  case $prev in
    --home) COMPREPLY=($(compgen -W "$families" -- "$cur")); return ;;
    --views) COMPREPLY=($(compgen -W "all none $families" -- "$cur")); return ;;
    --color) COMPREPLY=($(compgen -W "auto always never" -- "$cur")); return ;;
    --state | -s)
      COMPREPLY=($(compgen -W "up down waiting starting started run finish stopping failed unknown unsupervised stale problem flapping paused" -- "$cur"))
      return ;;
    --run-dir) COMPREPLY=($(compgen -d -- "$cur")); return ;;
    --textfile | --exit-code) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --since | --until) COMPREPLY=($(compgen -W "15m 1h 1d today yesterday" -- "$cur")); return ;;
  esac
  if [[ $cur == -* ]]; then
    options=$(kindred "$sub" --help 2>/dev/null | grep -o -e '--[a-z-]*' | sort -u)
    COMPREPLY=($(compgen -W "$options" -- "$cur"))
    return
  fi
  case $sub in
    scan | adopt) COMPREPLY=($(compgen -d -- "$cur")) ;;
    signal)
      if [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W "HUP INT QUIT USR1 USR2 TERM KILL ALRM WINCH" -- "$cur"))
        return
      fi ;;&
    start | stop | restart | once | reload | signal | pause | continue | enable | disable | log | status | top | metrics | notify)
      COMPREPLY=($(compgen -W "$(_kindred_services)" -- "$cur") $(compgen -d -- "$cur")) ;;
  esac
}
complete -o filenames -F _kindred kindred

# Of other programs only the names of services.
_kindred_client() {
  COMPREPLY=($(compgen -W "$(_kindred_services)" -- "${COMP_WORDS[COMP_CWORD]}") $(compgen -d -- "${COMP_WORDS[COMP_CWORD]}"))
}
_kindred_sv() {
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "status up down once pause cont hup alarm interrupt quit 1 2 term kill exit start stop restart shutdown reload try-restart check force-stop force-reload force-restart force-shutdown" -- "${COMP_WORDS[COMP_CWORD]}"))
  else
    _kindred_client
  fi
}
_kindred_perpctl() {
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "A X u d o p c t k h i a q w 1 2" -- "${COMP_WORDS[COMP_CWORD]}"))
  else
    _kindred_client
  fi
}
complete -o filenames -F _kindred_sv sv
complete -o filenames -F _kindred_perpctl perpctl
complete -o filenames -F _kindred_client svc svstat svok svup perpstat perpok service-control service-status service-show \
  service-is-up service-is-ok service-is-enabled s6-svc s6-svstat s6-svok s6-svwait s6-svdt s6-svlisten1
