# What Tab can mean behind gop2p(1), in fish.
set -l data ~/.local/share
set -q XDG_DATA_HOME; and set data $XDG_DATA_HOME
set -l servers "(string match -r '^[^# ]\S*' <$data/gop2p/known_servers 2>/dev/null)"
set -l profiles "(command ls $data/gop2p/profiles 2>/dev/null)"

complete -c gop2p -f
complete -c gop2p -n __fish_use_subcommand -a 'netcheck all help'
complete -c gop2p -x -s s -l server -a $servers -d 'the server to register with'
complete -c gop2p -x -s p -l port -d 'local UDP and TCP port'
complete -c gop2p -x -s n -l name -d 'your name there'
complete -c gop2p -x -l profile -a $profiles -d 'another identity'
complete -c gop2p -r -F -l config -d 'configuration'
complete -c gop2p -l json -d 'print events as JSON, one a line'
complete -c gop2p -x -l linger -d 'go on receiving after the end of the input'
complete -c gop2p -l no-relay -d 'talk directly or not at all'
complete -c gop2p -l lan -d 'try private addresses of everybody'
complete -c gop2p -l hidden -d 'stay off the list of others'
complete -c gop2p -l no-port-mapping -d 'ask no router for a port'
complete -c gop2p -l no-presence -d 'do not ask who comes and goes'
complete -c gop2p -s v -l verbose -d 'log what is decided, and why'
complete -c gop2p -s h -l help -d 'print the options and exit'
complete -c gop2p -s V -l version -d 'print the version and exit'
