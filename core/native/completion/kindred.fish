# Completion for kindred, and names of services for the families' clients.

function __kindred_services
    set -l places ~/service ~/.service ~/.config/service /etc/service /service /run/service /var/service /etc/perp
    set -q SVDIR[1]; and set places $SVDIR
    for place in $places
        test -d $place; and for entry in $place/*/
            string replace -r '.*/([^/]+)/$' '$1' -- $entry
        end
    end | sort -u
end

function __kindred_no_subcommand
    test (count (commandline -opc)) -eq 1
end

function __kindred_subcommand_is
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

complete -c kindred -f
complete -c kindred -n __kindred_no_subcommand -a "(kindred --help 2>/dev/null | string replace -rf '^  ([a-z-]+) +(.*)' '\$1\t\$2')"
complete -c kindred -n "not __kindred_no_subcommand" -a "(kindred (commandline -opc)[2] --help 2>/dev/null | string match -ra -- '--[a-z-]+' | sort -u)"
complete -c kindred -n "__kindred_subcommand_is start stop restart once reload signal pause continue enable disable log status top metrics" -a "(__kindred_services)"
complete -c kindred -n "__kindred_subcommand_is scan adopt status log metrics notify top" -a "(__fish_complete_directories)"
complete -c kindred -n "__kindred_subcommand_is signal" -a "HUP INT QUIT USR1 USR2 TERM KILL ALRM WINCH"
for client in sv svc svstat svok svup perpctl perpstat perpok service-control service-status service-show s6-svc s6-svstat s6-svok s6-svwait s6-svdt
    complete -c $client -a "(__kindred_services)"
end
complete -c sv -n __kindred_no_subcommand -a "status up down once pause cont hup alarm interrupt quit term kill exit start stop restart shutdown reload try-restart check force-stop force-reload force-restart force-shutdown"
