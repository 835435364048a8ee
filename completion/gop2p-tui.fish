# What Tab can mean behind gop2p-tui(1), in fish.
set -l data ~/.local/share
set -q XDG_DATA_HOME; and set data $XDG_DATA_HOME
set -l servers "(string match -r '^[^# ]\S*' <$data/gop2p/known_servers 2>/dev/null)"
set -l profiles "(command ls $data/gop2p/profiles 2>/dev/null)"

complete -c gop2p-tui -f
complete -c gop2p-tui -x -s s -l server -a $servers -d 'the server to register with'
complete -c gop2p-tui -x -s p -l port -d 'local UDP and TCP port'
complete -c gop2p-tui -x -s n -l name -d 'your name there'
complete -c gop2p-tui -x -l profile -a $profiles -d 'another identity'
complete -c gop2p-tui -r -F -l config -d 'configuration'
complete -c gop2p-tui -x -l theme -a 'auto dark light mono contrast' -d 'colours'
complete -c gop2p-tui -x -l notify -a 'off bell osc9 osc777' -d 'how to call you back'
complete -c gop2p-tui -l no-list -d 'no list of people at the side'
complete -c gop2p-tui -l no-clock -d 'no clock on the status line'
complete -c gop2p-tui -l no-relay -d 'talk directly or not at all'
complete -c gop2p-tui -l lan -d 'try private addresses of everybody'
complete -c gop2p-tui -l hidden -d 'stay off the list of others'
complete -c gop2p-tui -l no-port-mapping -d 'ask no router for a port'
complete -c gop2p-tui -l no-presence -d 'do not ask who comes and goes'
complete -c gop2p-tui -s v -l verbose -d 'log what is decided, and why'
complete -c gop2p-tui -s h -l help -d 'print the options and exit'
complete -c gop2p-tui -s V -l version -d 'print the version and exit'
