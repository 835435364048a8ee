# What Tab can mean behind gop2pd(8), in fish.
complete -c gop2pd -f
complete -c gop2pd -x -s p -l port -d 'UDP and TCP port'
complete -c gop2pd -x -l probe-port -d 'second UDP port'
complete -c gop2pd -x -l tcp-port -a 443 -d 'second TCP port'
complete -c gop2pd -x -l listen -d 'addresses to listen on'
complete -c gop2pd -r -F -l state -d 'where the key and the names are kept'
complete -c gop2pd -r -F -l config -d 'configuration'
complete -c gop2pd -l no-relay -d 'never pass on what clients say to each other'
complete -c gop2pd -x -l max-clients -d 'clients online at once'
complete -c gop2pd -l syslog -d 'log by syslog instead of standard error'
complete -c gop2pd -s v -l verbose -d 'log what is decided, and why'
complete -c gop2pd -s h -l help -d 'print the options and exit'
complete -c gop2pd -s V -l version -d 'print the version and exit'
