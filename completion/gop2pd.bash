# What Tab can mean behind gop2pd(8), in bash.
_gop2pd() {
	COMPREPLY=()
	case $3 in
	--config | --state)
		compopt -o default ;;
	-p | --port | --probe-port | --tcp-port | --listen | --max-clients)
		;;
	*)
		mapfile -t COMPREPLY < <(compgen -W '--port --probe-port
			--tcp-port --listen --state --config --no-relay
			--max-clients --syslog --verbose --help --version' \
			-- "$2") ;;
	esac
}
complete -F _gop2pd gop2pd
